/** Addresses that cannot be honoured: said in words where the page would be, never a blank route. */
import { Link } from '@tanstack/react-router';
import type { ErrorComponentProps } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { messages } from '../messages.ts';
import { asLogError } from '../refold.ts';
import { buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorPane } from '../ui/error-pane.tsx';

export const NotFound = (): ReactElement => (
  <EmptyState title={messages.notFound} actions={<Link to="/" className={buttonClass()}>{messages.home}</Link>}>
    {messages.notFoundText}
  </EmptyState>
);

export const RouteError = ({ error, reset }: ErrorComponentProps): ReactElement => <ErrorPane error={asLogError(error)} onRetry={reset} />;
