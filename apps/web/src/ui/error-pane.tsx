import { Copy, RotateCw } from 'lucide-react';
import { Component } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { Button } from './button.tsx';
import { uiMessages } from './messages.ts';
import { StatusGlyph } from './status-glyph.tsx';

/** What a failure says of itself; `code`, `hint` and `details` where it is one of the product's. */
export interface Failure {
  readonly message: string;
  readonly code?: string;
  readonly hint?: string | undefined;
  readonly details?: { readonly [name: string]: unknown };
}

interface ErrorPaneProps {
  readonly error: Failure;
  readonly onRetry?: (() => void) | undefined;
  /** What could not be shown: "The timeline". */
  readonly of?: string;
}

/** In the pane that failed, so that the others go on. */
export function ErrorPane({ error, onRetry, of }: ErrorPaneProps): ReactElement {
  const requestId = error.details?.['requestId'];
  const copy = (): void => void navigator.clipboard.writeText(diagnosticsOf(error, of)).catch(() => undefined);
  return (
    <div role="alert" className="flex flex-col items-start gap-1.5 p-4">
      <p className="flex items-baseline gap-2 font-semibold">
        <StatusGlyph tone="error" className="self-center" />
        <span>{of === undefined ? uiMessages.failed : uiMessages.failedOf(of)}</span>
      </p>
      <p className="foreign max-w-[80ch]">{error.message}</p>
      {error.hint !== undefined && <p className="foreign max-w-[80ch] text-text-2">{error.hint}</p>}
      <p className="text-text-2">
        {error.code !== undefined && <code>{error.code}</code>}
        {typeof requestId === 'string' && <> · {uiMessages.request} <code className="foreign">{requestId}</code></>}
      </p>
      <div className="mt-1 flex flex-wrap gap-2">
        {onRetry !== undefined && (
          <Button onClick={onRetry} icon={<RotateCw size={14} aria-hidden />}>
            {uiMessages.retry}
          </Button>
        )}
        <Button kind="quiet" onClick={copy} icon={<Copy size={14} aria-hidden />}>
          {uiMessages.copyDiagnostics}
        </Button>
      </div>
    </div>
  );
}

const diagnosticsOf = ({ code, message, hint, details }: Failure, of: string | undefined): string => JSON.stringify({ page: location.pathname + location.search, of, code, message, hint, details, browser: navigator.userAgent }, null, 2);

interface BoundaryProps {
  readonly of: string;
  readonly children: ReactNode;
  /** When it changes, what failed is tried again. */
  readonly resetKey?: string;
}

interface BoundaryState {
  readonly error: Error | null;
  readonly resetKey: string | undefined;
}

/** One broken pane leaves the others working. */
export class PaneBoundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { error: null, resetKey: this.props.resetKey };

  static getDerivedStateFromError(error: unknown): Partial<BoundaryState> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  static getDerivedStateFromProps({ resetKey }: BoundaryProps, state: BoundaryState): BoundaryState | null {
    return resetKey === state.resetKey ? null : { error: null, resetKey };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === null ? this.props.children : <ErrorPane error={error} of={this.props.of} onRetry={() => this.setState({ error: null })} />;
  }
}
