import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { ChartWish } from './benchmark.ts';
import type { Sample } from './sample.ts';

/** One picture. */
export interface Chart {
  /** Name of its file, without a folder. */
  readonly file: string;
  readonly title: string;
  readonly svg: string;
}

/** Logarithms have no zero: what is shorter than this, in the unit of the figures, is drawn here. */
const smallest = 1;
const width = 560;
const rowHeight = 30;

/** A picture for each event: every run as a point, and the median of each system as a line. */
export async function chartsOf(samples: readonly Sample[], wish: ChartWish): Promise<Chart[]> {
  const drawn = samples.filter(({ measure }) => wish.measures.includes(measure));
  const events = Map.groupBy(drawn, ({ event }) => event);
  return Promise.all(
    [...events].map(async ([event, group]) => {
      const file = `${fileWord(group[0]?.benchmark ?? '')}-${fileWord(event)}.svg`;
      const svg = await drawing(specOf(event, group, wish));
      return { file, title: event, svg };
    }),
  );
}

function fileWord(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

/** What is drawn. Exported so that what a picture says can be tested without looking at it. */
export function specOf(
  event: string,
  samples: readonly Sample[],
  { measures, axis }: ChartWish,
): TopLevelSpec {
  const several = measures.length > 1;
  const rowOf = ({ subject, measure }: Sample): string =>
    several ? `${subject}, ${measure.split(', ').at(-1) ?? ''}` : subject;
  const known = samples.filter(({ value }) => value !== null);
  const values = known.map((one) => ({
    system: rowOf(one),
    family: one.subject.split(' ')[0],
    value: Math.max(smallest, one.value ?? smallest),
  }));
  const rows = [...new Set(samples.map(rowOf))].sort();
  const axisOfRows = { labelLimit: 400 };
  const y = {
    field: 'system',
    type: 'nominal',
    title: null,
    sort: rows,
    axis: axisOfRows,
  } as const;
  const x = { type: 'quantitative', scale: { type: 'log' }, title: axis } as const;
  const colour = {
    field: 'family',
    type: 'nominal',
    legend: null,
    scale: { range: ['#0b6e99', '#c4511f', '#5b5b5b', '#6a4c93'] },
  } as const;
  return {
    ...{ width, height: rowHeight * rows.length, background: 'white', padding: 12 },
    title: { text: event, anchor: 'start', fontSize: 15 },
    data: { values },
    layer: [
      {
        mark: { type: 'point', filled: true, size: 44, opacity: 0.55 },
        encoding: { y, x: { ...x, field: 'value' }, color: colour },
      },
      {
        mark: { type: 'tick', thickness: 3, size: 20 },
        encoding: { y, x: { ...x, aggregate: 'median', field: 'value' }, color: colour },
      },
    ],
    config: {
      // A label for every single point would be most of the file; the table says the same in words.
      aria: false,
      font: 'sans-serif',
      axis: { labelFontSize: 12, titleFontSize: 12, gridColor: '#dddddd' },
      view: { stroke: '#bbbbbb' },
    },
  };
}

async function drawing(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  // A tenth of a pixel is more than anybody sees.
  return `${svg.replaceAll(/\d+\.\d{2,}/g, (number) => String(Math.round(Number(number) * 10) / 10))}\n`;
}
