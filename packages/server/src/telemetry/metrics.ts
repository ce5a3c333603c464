/**
 * Figures of this process in Prometheus' form. What is measured before the library is there waits in a short queue, so that
 * nobody's start waits for the library. A series is one of a closed table (core/metering.ts), with the prefix `refold_`.
 */
import { metrics } from '@refold/core';
import type { Meter, MetricName } from '@refold/core';
import type { GaugeReading } from '@refold/operations';
import type { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';

export interface Metrics {
  /** Goes into the ports of the log that is to be measured. */
  readonly meter: Meter;
  /** The text that a scraper reads. */
  expose(gauges: readonly GaugeReading[]): Promise<{ readonly contentType: string; readonly text: string }>;
}

type Measured = readonly [name: MetricName, labels: { readonly [label: string]: string }, value: number];
type Instrument = Counter<string> | Gauge<string> | Histogram<string>;

interface Loaded {
  readonly registry: Registry;
  readonly instruments: ReadonlyMap<MetricName, Instrument>;
}

/** Upper edges. Source: the unified model, section 3.7. */
const millisecondBuckets = [0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500];
const byteBuckets = [1, 4, 16, 64, 256, 1_024, 4_096].map((kibibytes) => kibibytes * 1_024);

/** The library is loaded this long after the first measurement, when the start is over; or when so many wait. */
const loadAfterMs = 1_000;
const waitingMax = 10_000;

export function createMetrics(): Metrics {
  let waiting: Measured[] = [];
  let loaded: Loaded | null = null;
  let loading: Promise<Loaded> | null = null;

  function take(...measured: Measured): void {
    if (loaded !== null) return note(loaded, measured);
    if (waiting.length === 0) setTimeout(() => void load(), loadAfterMs).unref();
    waiting.push(measured);
    if (waiting.length === waitingMax) void load();
  }

  const load = (): Promise<Loaded> =>
    (loading ??= instrumentsOf().then((made) => {
      loaded = made;
      for (const measured of waiting) note(made, measured);
      waiting = [];
      return made;
    }));

  return {
    meter: {
      add: (name, labels, amount = 1) => take(name, labels, amount),
      observe: (name, labels, value) => take(name, labels, value),
      now: () => performance.now(),
    },
    async expose(gauges) {
      const { registry, instruments } = await load();
      for (const name of new Set(gauges.map((gauge) => gauge.name))) (instruments.get(name) as Gauge<string>).reset();
      for (const { name, labels, value } of gauges) (instruments.get(name) as Gauge<string>).set(labels, value);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function note({ instruments }: Loaded, [name, labels, value]: Measured): void {
  const instrument = instruments.get(name)!;
  if ('observe' in instrument) instrument.observe(labels, value);
  else instrument.inc(labels, value);
}

async function instrumentsOf(): Promise<Loaded> {
  const { Counter, Gauge, Histogram, Registry } = await import('@prometheus-io/client');
  const registry = new Registry();
  const instruments = new Map<MetricName, Instrument>();
  for (const [name, { kind, labels, doc }] of Object.entries(metrics) as [MetricName, (typeof metrics)[MetricName]][]) {
    const shared = { name: `refold_${name}`, help: doc, labelNames: [...labels], registers: [registry] };
    if (kind === 'counter') instruments.set(name, new Counter(shared));
    else if (kind === 'gauge') instruments.set(name, new Gauge(shared));
    else instruments.set(name, new Histogram({ ...shared, buckets: kind === 'bytes' ? byteBuckets : millisecondBuckets }));
  }
  return { registry, instruments };
}
