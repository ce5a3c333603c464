/** How far a job is: its parts and its steps, each with how it ended and how long it took. */
import type { JobState } from '@refold/catalog';
import type { ReactElement } from 'react';
import { toneOf, wordOf } from '../../status.ts';
import { amount, duration } from '../../times.ts';
import { JsonTree } from '../../ui/json-tree.tsx';
import { Section } from '../../ui/section.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { oneLine, visibleText } from '../../ui/visible-text.ts';

export function JobSteps({ state }: { readonly state: JobState }): ReactElement {
  const longest = Math.max(1, ...state.steps.map(({ durationMs }) => durationMs ?? 0));
  const components = Object.entries(state.components).filter(([, { status }]) => status !== 'idle');
  return (
    <div className="flex flex-col gap-5 p-4">
      {state.error !== null && (
        <Section title={state.failedStep === null ? 'Why it failed' : `Why it failed, in ${oneLine(state.failedStep, 60)}`}>
          <p className="foreign border-s-2 border-error ps-3 whitespace-pre-wrap">
            {visibleText(state.error.message ?? 'No reason was given.')}
            {typeof state.error.code === 'string' && <code className="ms-2 text-text-2">{oneLine(state.error.code, 60)}</code>}
          </p>
        </Section>
      )}
      <Section title="Steps">
        {state.steps.length === 0 ? (
          <p className="text-text-2">No step has been planned or reported.</p>
        ) : (
          <Table
            label="Steps"
            head={
              <>
                <HeadCell>Status</HeadCell>
                <HeadCell>Step</HeadCell>
                <HeadCell align="end" className="hidden narrow:table-cell">Attempt</HeadCell>
                <HeadCell align="end">Took</HeadCell>
                <HeadCell className="hidden w-1/4 narrow:table-cell"><span className="sr-only">Share of the time</span></HeadCell>
              </>
            }
          >
            {state.steps.map((step) => (
              <Row key={`${step.index} ${step.name}`}>
                <Cell>
                  <StatusGlyph tone={toneOf(step.status)} word={wordOf(step.status)} showsWord />
                </Cell>
                <Cell className="w-full max-w-0">
                  <span className="foreign block truncate">
                    {oneLine(step.name, 120)}
                    {step.error !== null && <span className="ms-2 text-text-2">{oneLine(step.error.message ?? '', 160)}</span>}
                  </span>
                </Cell>
                <Cell align="end" className="hidden narrow:table-cell">{step.attempt === 0 ? '–' : step.attempt}</Cell>
                <Cell align="end">{duration(step.durationMs)}</Cell>
                <Cell className="hidden narrow:table-cell">
                  <span className="block h-2 rounded bg-flow" style={{ width: `${((step.durationMs ?? 0) / longest) * 100}%` }} />
                </Cell>
              </Row>
            ))}
          </Table>
        )}
      </Section>
      {components.length > 0 && (
        <Section title="Planner, coder, critique">
          <Table
            label="Planner, coder, critique"
            head={
              <>
                <HeadCell>Status</HeadCell>
                <HeadCell>Part</HeadCell>
                <HeadCell align="end">Iteration</HeadCell>
                <HeadCell align="end" className="hidden narrow:table-cell">Tokens in</HeadCell>
                <HeadCell align="end" className="hidden narrow:table-cell">out</HeadCell>
                <HeadCell className="w-full">Verdict</HeadCell>
              </>
            }
          >
            {components.map(([name, part]) => (
              <Row key={name}>
                <Cell>
                  <StatusGlyph tone={toneOf(part.status)} word={wordOf(part.status)} showsWord />
                </Cell>
                <Cell>{name}</Cell>
                <Cell align="end">{part.iteration}</Cell>
                <Cell align="end" className="hidden narrow:table-cell">{amount(part.tokensInput)}</Cell>
                <Cell align="end" className="hidden narrow:table-cell">{amount(part.tokensOutput)}</Cell>
                <Cell className="foreign">{part.lastVerdict === null ? '–' : oneLine(String(part.lastVerdict), 80)}</Cell>
              </Row>
            ))}
          </Table>
        </Section>
      )}
      <div className="grid gap-5 column:grid-cols-2">
        <Section title="Parameters">
          <JsonTree value={state.params} label="Parameters" />
        </Section>
        <Section title={state.result === null ? 'Input' : 'Result'}>
          <JsonTree value={state.result ?? state.input} label={state.result === null ? 'Input' : 'Result'} />
        </Section>
      </div>
    </div>
  );
}
