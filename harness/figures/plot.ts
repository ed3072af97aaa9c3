/** A line chart as SVG. */
import { largest, smallest } from '../../src/extremes'

export interface Series {
  points: { x: number; y: number }[]
  color: string
  width: number
  opacity?: number
  label?: string
  /** A dot at each point. */
  dots?: boolean
}

/** A filled area between two lines. */
export interface Band {
  points: { x: number; low: number; high: number }[]
  color: string
  label?: string
}

export interface Chart {
  title: string
  subtitle: string
  xLabel: string
  yLabel: string
  series: Series[]
  /** Under the lines. */
  band?: Band
  /** Dashed horizontal lines: where the task counts as solved, and a published result. */
  threshold?: { y: number; label: string }
  published?: { y: number; label: string }
  /** A dot. */
  marker?: { x: number; y: number }
  /** Both axes are logarithmic, the x axis with these ticks; all points are positive. */
  log?: { xTicks: number[] }
}

const [WIDTH, HEIGHT] = [800, 460]
const AREA = { left: 76, right: 28, top: 72, bottom: 58 }
export const INK = '#1f2937'
export const SOFT = '#6b7280'
export const GRID = '#e5e7eb'
export const ACCENT = '#b45309'
const PUBLISHED = '#15803d'
const BAND_OPACITY = 0.25

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/g, '?')

/** Round numbers, about `wanted` of them, that cover [low, high]. */
export function ticks(low: number, high: number, wanted: number): number[] {
  if (high === low) return ticks(low, low + 1, wanted)
  const span = high - low
  const rough = span / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999)!
  const first = Math.floor(low / step + 1e-9)
  const last = Math.ceil(high / step - 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** 1, 2, 5, 10, 20, ...: those that cover [low, high], both positive. */
export function logTicks(low: number, high: number): number[] {
  const all = Array.from({ length: 60 }, (_, i) => [1, 2, 5][i % 3] * 10 ** (Math.floor(i / 3) - 6))
  const first = all.findLastIndex((tick) => tick <= low)
  const last = all.findIndex((tick) => tick >= high)
  return all.slice(first, Math.max(last, first + 1) + 1).map((tick) => Number(tick.toPrecision(1)))
}

/** A number in a few characters: 20k, 1.5M. */
export const short = (value: number): string => {
  const [scale, unit] = Math.abs(value) >= 1e6 ? [1e6, 'M'] : Math.abs(value) >= 1e4 ? [1e3, 'k'] : [1, '']
  return `${Number((value / scale).toPrecision(6))}${unit}`
}

/** At most `most` points, each the mean of an interval. */
export function thin(points: { x: number; y: number }[], most: number): { x: number; y: number }[] {
  if (points.length <= most) return points
  return Array.from({ length: most }, (_, i) => {
    const part = points.slice(Math.floor((i * points.length) / most), Math.floor(((i + 1) * points.length) / most))
    const mean = (get: (p: { x: number; y: number }) => number) =>
      part.reduce((sum, p) => sum + get(p), 0) / part.length
    return { x: mean((p) => p.x), y: mean((p) => p.y) }
  })
}

/** A line of this width cannot show more points. */
const MOST_POINTS = 600

/** A band is thinned like a line; both edges at the same points. */
function thinBand(band: Band): Band {
  const [low, high] = (['low', 'high'] as const).map((edge) =>
    thin(
      band.points.map((p) => ({ x: p.x, y: p[edge] })),
      MOST_POINTS,
    ),
  )
  return { ...band, points: low.map(({ x, y }, i) => ({ x, low: y, high: high[i].y })) }
}

/** A run may have any number of points; the picture stays small. */
const thinned = (chart: Chart): Chart => ({
  ...chart,
  series: chart.series.map((s) => ({ ...s, points: thin(s.points, MOST_POINTS) })),
  band: chart.band && thinBand(chart.band),
})

export function lineChart(whole: Chart): string {
  const chart = thinned(whole)
  const points = chart.series.flatMap((s) => s.points)
  const edges = chart.band?.points.flatMap((p) => [p.low, p.high]) ?? []
  const lines = [chart.threshold, chart.published].flatMap((line) => (line ? [line.y] : []))
  const ys = [...points.map((p) => p.y), ...edges, ...lines]
  const xs = [...points, ...(chart.band?.points ?? [])].map((p) => p.x)
  const xTicks = chart.log ? chart.log.xTicks : ticks(0, largest(xs, 1), 6)
  const yTicks = chart.log ? logTicks(smallest(ys), largest(ys)) : ticks(smallest(ys, 0), largest(ys, 1), 5)
  const [x0, x1] = [AREA.left, WIDTH - AREA.right]
  const [y0, y1] = [HEIGHT - AREA.bottom, AREA.top]
  const scale = (list: number[], from: number, to: number) => {
    const place = chart.log ? Math.log : (value: number) => value
    const [low, high] = [place(list[0]), place(list[list.length - 1])]
    const span = high - low || 1
    return (value: number) => Number((from + ((place(value) - low) / span) * (to - from)).toFixed(1))
  }
  const x = scale(xTicks, x0, x1)
  const y = scale(yTicks, y0, y1)
  const text = (tx: number, ty: number, content: string, attributes: string) =>
    `<text x="${tx}" y="${ty}" ${attributes}>${escapeXml(content)}</text>`
  const path = (s: Series) => {
    const d = s.points.map((p, i) => `${i ? 'L' : 'M'}${x(p.x)} ${y(p.y)}`)
    const style = `stroke="${s.color}" stroke-width="${s.width}" stroke-opacity="${s.opacity ?? 1}"`
    return s.points.length
      ? `<path d="${d.join('')}" fill="none" ${style} stroke-linejoin="round" stroke-linecap="round"/>`
      : ''
  }
  const small = `font-size="12" fill="${SOFT}"`
  const parts = [
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="#ffffff"/>`,
    text(AREA.left, 32, chart.title, `font-size="18" font-weight="600" fill="${INK}"`),
    text(AREA.left, 52, chart.subtitle, small),
    ...yTicks.map(
      (v) =>
        `<path d="M${x0} ${y(v)}H${x1}" stroke="${GRID}"/>${text(x0 - 10, y(v) + 4, short(v), `${small} text-anchor="end"`)}`,
    ),
    ...xTicks.map((v) => text(x(v), y0 + 20, short(v), `${small} text-anchor="middle"`)),
    `<path d="M${x0} ${y0}H${x1}" stroke="${SOFT}"/>`,
    text((x0 + x1) / 2, HEIGHT - 16, chart.xLabel, `font-size="13" fill="${INK}" text-anchor="middle"`),
    text(
      0,
      0,
      chart.yLabel,
      `font-size="13" fill="${INK}" text-anchor="middle" transform="translate(22 ${(y0 + y1) / 2}) rotate(-90)"`,
    ),
  ]
  if (chart.threshold) {
    const at = y(chart.threshold.y)
    parts.push(`<path d="M${x0} ${at}H${x1}" stroke="${ACCENT}" stroke-dasharray="6 5"/>`)
    parts.push(text(x0 + 6, at - 6, chart.threshold.label, `font-size="12" fill="${ACCENT}"`))
  }
  if (chart.published) {
    const at = y(chart.published.y)
    parts.push(`<path d="M${x0} ${at}H${x1}" stroke="${PUBLISHED}" stroke-dasharray="2 4"/>`)
    parts.push(text(x1 - 6, at + 14, chart.published.label, `font-size="12" fill="${PUBLISHED}" text-anchor="end"`))
  }
  if (chart.band?.points.length) {
    const edge = (side: 'low' | 'high') => chart.band!.points.map((p) => ({ x: p.x, y: p[side] }))
    const outline = [...edge('high'), ...edge('low').reverse()].map((p) => `${x(p.x)} ${y(p.y)}`).join('L')
    parts.push(`<path d="M${outline}Z" fill="${chart.band.color}" fill-opacity="${BAND_OPACITY}"/>`)
  }
  for (const series of chart.series) parts.push(path(series))
  const dotted = chart.series.flatMap((s) => (s.dots ? s.points.map((p) => ({ ...p, color: s.color })) : []))
  for (const p of dotted) parts.push(`<circle cx="${x(p.x)}" cy="${y(p.y)}" r="3.5" fill="${p.color}"/>`)
  if (chart.marker) {
    const at = `cx="${x(chart.marker.x)}" cy="${y(chart.marker.y)}"`
    parts.push(`<circle ${at} r="5" fill="${ACCENT}" stroke="#ffffff" stroke-width="2"/>`)
  }
  for (const line of legend(legendLines(chart), x1)) parts.push(line)
  return picture(WIDTH, HEIGHT, chart.title, parts.filter(Boolean))
}

/** @param says What the picture shows, in words, for those who do not see it. */
export function picture(width: number, height: number, title: string, parts: string[], says?: string): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"`
  const font = 'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif"'
  const words = `<title>${escapeXml(title)}</title>${says === undefined ? '' : `\n<desc>${escapeXml(says)}</desc>`}`
  return `${head} ${font}>\n${words}\n${parts.join('\n')}\n</svg>\n`
}

/** Line charts in two columns, at half their size. */
export function panels(title: string, charts: string[]): string {
  const placed = charts.map((chart, i) => {
    const [x, y] = [(i % 2) * WIDTH, Math.floor(i / 2) * HEIGHT]
    return chart.replace('<svg xmlns="http://www.w3.org/2000/svg"', `<svg x="${x}" y="${y}"`)
  })
  const [width, height] = [2 * WIDTH, Math.ceil(charts.length / 2) * HEIGHT]
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width / 2}" height="${height / 2}" role="img">`
  return `${head}\n<title>${escapeXml(title)}</title>\n${placed.join('')}</svg>\n`
}

/** The lines, and the band as a broad one. */
const legendLines = ({ series, band }: Chart): Series[] =>
  band
    ? [...series, { ...band, points: band.points.map((p) => ({ x: p.x, y: p.low })), width: 10, opacity: BAND_OPACITY }]
    : series

/** Names of the lines, top right. */
function legend(series: Series[], right: number): string[] {
  const named = series.filter((s) => s.label && s.points.length)
  return named.map((s, i) => {
    const y = 30 + i * 18
    const line = `<path d="M${right - 24} ${y - 4}H${right}" stroke="${s.color}" stroke-width="${s.width}" stroke-opacity="${s.opacity ?? 1}"/>`
    return `${line}<text x="${right - 32}" y="${y}" font-size="12" fill="${SOFT}" text-anchor="end">${escapeXml(s.label!)}</text>`
  })
}
