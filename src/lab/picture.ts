/** The charts as one picture for download, drawn from the numbers: SVG, and the same as PNG. */
import { largest, smallest } from '../extremes'
import { short } from './format'
import type { PlotLine } from './overlay'
import { type ColumnName, changeText, type History, resample } from './series'

const [WIDTH, HEIGHT, MARGIN] = [420, 200, 58]
const COLUMNS = 2
const STYLE =
  'text{font:11px sans-serif;fill:#333}.h{font-size:13px;font-weight:bold}path{fill:none}.band{fill:#4a4fc4;opacity:.16}'

interface Named {
  name: ColumnName
  title: string
  unit: string
  large?: boolean
}

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)

/** `lines` are drawn in the large chart. */
type Charts = [history: History, ghost: History | null, charts: readonly Named[], lines: readonly PlotLine[]]

export const chartsAsSvg = (...of: Charts): Blob => new Blob([svg(...of)], { type: 'image/svg+xml' })

export function svg(...[history, ghost, charts, lines]: Charts): string {
  const notes = notesOf(history, ghost, lines)
  const above = 34 + 15 * notes.length
  const [width, height] = [COLUMNS * WIDTH, above + Math.ceil(charts.length / COLUMNS) * HEIGHT]
  const body = charts.map((chart, i) => {
    const [x, y] = [(i % COLUMNS) * WIDTH, above + Math.floor(i / COLUMNS) * HEIGHT]
    return `<g transform="translate(${x} ${y})">${one(chart, history, ghost, chart.large ? lines : [])}</g>`
  })
  const said = notes.map((note, i) => `<text x="10" y="${37 + 15 * i}">${escapeXml(note)}</text>`)
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<style>${STYLE}</style><rect width="${width}" height="${height}" fill="#fff"/>` +
    `<text class="h" x="10" y="20">${escapeXml(history.label)}</text>${said.join('')}${body.join('')}</svg>`
  )
}

/** What is to be known to read the picture. */
const notesOf = (history: History, ghost: History | null, lines: readonly PlotLine[]): string[] => [
  `Over environment steps. Line: mean; band: the middle half of the agents, or one deviation of one agent’s episodes.`,
  ...(ghost ? [`Dashed: ${ghost.label}.`] : []),
  ...(lines.length > 0 ? [`Dotted: ${lines.map(({ label }) => label).join('; ')}.`] : []),
  ...history.marks.map((mark) => `After ${short(mark.timesteps)} steps: ${changeText(mark)}.`),
]

function one(
  { name, title, unit }: Named,
  history: History,
  ghost: History | null,
  lines: readonly PlotLine[],
): string {
  const { mean, low, high } = history.columns[name]
  const before = ghost ? resample(ghost.timesteps, ghost.columns[name].mean, history.timesteps) : []
  const numbers = [...mean, ...low, ...high, ...before].filter((v): v is number => v !== null)
  if (numbers.length === 0) return `<text x="10" y="14">${escapeXml(title)}: nothing yet</text>`
  const [least, most] = [smallest(numbers), largest(numbers)]
  const [first, last] = [history.timesteps[0], history.timesteps.at(-1)!]
  const [right, bottom] = [WIDTH - 14, HEIGHT - 38]
  const x = (t: number) => MARGIN + ((t - first) / Math.max(last - first, 1)) * (right - MARGIN)
  const y = (v: number) => bottom - ((v - least) / (most - least || 1)) * (bottom - 24)
  const pointsOf = (values: (number | null)[]) =>
    values.flatMap((v, i) => (v === null ? [] : [`${x(history.timesteps[i]).toFixed(1)} ${y(v).toFixed(1)}`]))
  const line = (values: (number | null)[], stroke: string, more = '') => {
    const points = pointsOf(values)
    return points.length > 0 ? `<path d="M${points.join('L')}" stroke="${stroke}" stroke-width="1.5"${more}/>` : ''
  }
  const band = [...pointsOf(low), ...pointsOf(high).reverse()]
  const across = lines
    .filter((at) => at.y >= least && at.y <= most)
    .map(
      (at) =>
        `<path d="M${MARGIN} ${y(at.y).toFixed(1)}H${right}" stroke="#333" stroke-dasharray="2 4"/>` +
        `<text x="${right}" y="${(y(at.y) + 12).toFixed(1)}" text-anchor="end">${escapeXml(at.label)}</text>`,
    )
  const marks = history.marks
    .filter(({ timesteps }) => timesteps >= first && timesteps <= last)
    .map(({ timesteps }) => `<path d="M${x(timesteps).toFixed(1)} 20V${bottom}" stroke="#b0712c"/>`)
  return (
    `<text class="h" x="${MARGIN}" y="14">${escapeXml(title)}</text>` +
    `<path d="M${MARGIN} 20V${bottom}H${right}" stroke="#999"/>` +
    `<text x="${MARGIN - 4}" y="30" text-anchor="end">${short(most)}</text>` +
    `<text x="${MARGIN - 4}" y="${bottom}" text-anchor="end">${short(least)}</text>` +
    `<text transform="translate(12 ${bottom / 2 + 12}) rotate(-90)" text-anchor="middle">${escapeXml(unit)}</text>` +
    `<text x="${MARGIN}" y="${bottom + 14}">${short(first)}</text>` +
    `<text x="${right}" y="${bottom + 14}" text-anchor="end">${short(last)}</text>` +
    `<text x="${(MARGIN + right) / 2}" y="${bottom + 14}" text-anchor="middle">steps</text>` +
    (band.length > 0 ? `<path class="band" d="M${band.join('L')}Z"/>` : '') +
    marks.join('') +
    across.join('') +
    line(before, '#999', ' stroke-dasharray="4 3"') +
    line(mean, '#4a4fc4')
  )
}

export async function chartsAsPng(...of: Charts): Promise<Blob> {
  const url = URL.createObjectURL(chartsAsSvg(...of))
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const canvas = new OffscreenCanvas(2 * image.width, 2 * image.height)
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await canvas.convertToBlob({ type: 'image/png' })
  } finally {
    URL.revokeObjectURL(url)
  }
}
