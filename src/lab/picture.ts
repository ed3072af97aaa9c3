/** The charts as one picture for download, drawn from the numbers: SVG, and the same as PNG. */
import { largest, smallest } from '../extremes'
import { short } from './format'
import { type ColumnName, type History, resample } from './series'

const [WIDTH, HEIGHT, MARGIN] = [420, 200, 46]
const COLUMNS = 2

interface Named {
  name: ColumnName
  title: string
}

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)

export function chartsAsSvg(history: History, ghost: History | null, charts: readonly Named[]): Blob {
  return new Blob([svg(history, ghost, charts)], { type: 'image/svg+xml' })
}

export function svg(history: History, ghost: History | null, charts: readonly Named[]): string {
  const rows = Math.ceil(charts.length / COLUMNS)
  const [width, height] = [COLUMNS * WIDTH, rows * HEIGHT + 30]
  const body = charts.map((chart, i) => {
    const [x, y] = [(i % COLUMNS) * WIDTH, 30 + Math.floor(i / COLUMNS) * HEIGHT]
    return `<g transform="translate(${x} ${y})">${one(chart, history, ghost)}</g>`
  })
  const style = 'text{font:11px sans-serif;fill:#333}.h{font-size:13px;font-weight:bold}path{fill:none}'
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<style>${style}</style><rect width="${width}" height="${height}" fill="#fff"/>` +
    `<text class="h" x="10" y="20">${escapeXml(history.label)}</text>${body.join('')}</svg>`
  )
}

function one({ name, title }: Named, history: History, ghost: History | null): string {
  const { mean } = history.columns[name]
  const before = ghost ? resample(ghost.timesteps, ghost.columns[name].mean, history.timesteps) : []
  const numbers = [...mean, ...before].filter((v): v is number => v !== null)
  if (numbers.length === 0) return `<text x="10" y="14">${escapeXml(title)}: nothing yet</text>`
  const [low, high] = [smallest(numbers), largest(numbers)]
  const [first, last] = [history.timesteps[0], history.timesteps.at(-1)!]
  const right = WIDTH - 14
  const bottom = HEIGHT - 26
  const x = (t: number) => MARGIN + ((t - first) / Math.max(last - first, 1)) * (right - MARGIN)
  const y = (v: number) => bottom - ((v - low) / (high - low || 1)) * (bottom - 24)
  const line = (values: (number | null)[], stroke: string, more = '') => {
    const points = values.flatMap((v, i) =>
      v === null ? [] : [`${x(history.timesteps[i]).toFixed(1)} ${y(v).toFixed(1)}`],
    )
    return points.length > 0 ? `<path d="M${points.join('L')}" stroke="${stroke}" stroke-width="1.5"${more}/>` : ''
  }
  return (
    `<text class="h" x="${MARGIN}" y="14">${escapeXml(title)}</text>` +
    `<path d="M${MARGIN} 20V${bottom}H${right}" stroke="#999"/>` +
    `<text x="${MARGIN - 4}" y="30" text-anchor="end">${short(high)}</text>` +
    `<text x="${MARGIN - 4}" y="${bottom}" text-anchor="end">${short(low)}</text>` +
    `<text x="${MARGIN}" y="${bottom + 14}">${short(first)}</text>` +
    `<text x="${right}" y="${bottom + 14}" text-anchor="end">${short(last)} steps</text>` +
    line(before, '#999', ' stroke-dasharray="4 3"') +
    line(mean, '#4a4fc4')
  )
}

export async function chartsAsPng(history: History, ghost: History | null, charts: readonly Named[]): Promise<Blob> {
  const url = URL.createObjectURL(chartsAsSvg(history, ghost, charts))
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
