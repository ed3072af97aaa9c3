/** The clipped objective: the contribution of one sample by its ratio, and a histogram of the latest minibatch. */
import { useEffect, useRef } from 'preact/hooks'
import { whole } from '../format'
import type { Histogram } from '../protocol'
import { config, histogram, isDark, situations } from '../state'
import { Term } from './explain'
import { Panel } from './panel'

const [WIDTH, HEIGHT] = [360, 160]

export function Objective() {
  const c = config.value
  if (!c) return null
  const penalty = c.algorithm === 'penalty'
  return (
    <Panel
      name="objective"
      title={<Term about="objective">{penalty ? 'The objective, with a KL penalty' : 'The clipped objective'}</Term>}
    >
      <div class="pair">
        <Surrogate sign={1} clip={penalty ? null : c.clipCoef} />
        <Surrogate sign={-1} clip={penalty ? null : c.clipCoef} />
      </div>
      <p class="hint">
        Line: what a sample adds to the objective, by the ratio of its action’s probability now and when it was played.
        Shaded: where the gradient is zero. Squares: samples of a minibatch of the latest iteration, by ratio and
        advantage, counted on the GPU.
      </p>
      {!penalty && <Situations />}
    </Panel>
  )
}

/** The surrogate by ratio, for advantages of one sign, over the histogram of those samples. */
function Surrogate({ sign, clip }: { sign: 1 | -1; clip: number | null }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const h = histogram.value
  const reach = Math.min(Math.max(2.5 * (clip ?? 0.2), 0.25), 1)
  useEffect(() => {
    draw(canvas.current!, sign, clip, reach, h)
  }, [sign, clip, reach, h, isDark.value])
  const title = sign > 0 ? 'Good actions (advantage above 0)' : 'Bad actions (advantage below 0)'
  return (
    <figure data-surrogate={sign} data-samples={h?.counts.reduce((a, b) => a + b, 0)}>
      <figcaption>{title}</figcaption>
      <canvas
        ref={canvas}
        width={WIDTH}
        height={HEIGHT}
        role="img"
        aria-label={`${title}: the objective by ratio${clip === null ? '' : `, clipped at ${1 - clip} and ${1 + clip}`}`}
      />
    </figure>
  )
}

function draw(canvas: HTMLCanvasElement, sign: 1 | -1, clip: number | null, reach: number, h: Histogram | null): void {
  const scale = Math.min(devicePixelRatio || 1, 2)
  canvas.width = WIDTH * scale
  canvas.height = HEIGHT * scale
  const context = canvas.getContext('2d')!
  context.scale(scale, scale)
  const style = getComputedStyle(canvas)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const [left, right, top, bottom] = [8, WIDTH - 8, 8, HEIGHT - 22]
  const x = (ratio: number) => left + ((ratio - (1 - reach)) / (2 * reach)) * (right - left)

  // Where the gradient is zero.
  if (clip !== null) {
    context.fillStyle = colour('--shade')
    if (sign > 0) context.fillRect(x(1 + clip), top, Math.max(right - x(1 + clip), 0), bottom - top)
    else context.fillRect(left, top, Math.max(x(1 - clip) - left, 0), bottom - top)
  }
  if (h) drawSamples(context, h, sign, x, [top, bottom], colour('--tan'))

  context.strokeStyle = colour('--line')
  context.fillStyle = colour('--muted')
  context.font = '11px system-ui, sans-serif'
  context.textAlign = 'center'
  const marks = clip === null ? [1] : [1 - clip, 1, 1 + clip]
  for (const ratio of marks) {
    context.beginPath()
    context.moveTo(x(ratio), top)
    context.lineTo(x(ratio), bottom)
    context.stroke()
    context.fillText(ratio.toFixed(2), x(ratio), HEIGHT - 7)
  }

  // min(A r, A clamp(r)) for A = sign.
  const objective = (r: number): number => {
    const clamped = clip === null ? r : Math.min(Math.max(r, 1 - clip), 1 + clip)
    return Math.min(sign * r, sign * clamped)
  }
  const [low, high] = sign > 0 ? [1 - reach, 1 + reach] : [-1 - reach, reach - 1]
  const y = (v: number) => bottom - ((v - low) / (high - low)) * (bottom - top)
  context.strokeStyle = colour('--accent')
  context.lineWidth = 2.5
  context.lineJoin = 'round'
  context.beginPath()
  const corners = [1 - reach, ...marks, 1 + reach].filter((r) => Math.abs(r - 1) <= reach + 1e-9)
  for (const r of corners) context.lineTo(x(r), y(objective(r)))
  context.stroke()
}

/** Draws samples as squares: ratio to the right, absolute advantage upwards, darker where there are more. */
function drawSamples(
  context: CanvasRenderingContext2D,
  h: Histogram,
  sign: 1 | -1,
  x: (ratio: number) => number,
  [top, bottom]: [number, number],
  colour: string,
): void {
  const half = h.rows / 2
  const most = h.counts.reduce((a, b) => Math.max(a, b), 1)
  const step = (h.ratioMax - h.ratioMin) / h.columns
  const height = (bottom - top) / half
  context.fillStyle = colour
  for (let i = 0; i < half; i++) {
    const row = sign > 0 ? half + i : half - 1 - i
    for (let column = 0; column < h.columns; column++) {
      const count = h.counts[row * h.columns + column]
      if (count === 0) continue
      context.globalAlpha = 0.15 + 0.85 * Math.sqrt(count / most)
      const ratio = h.ratioMin + column * step
      context.fillRect(x(ratio), bottom - (i + 1) * height, x(ratio + step) - x(ratio) - 0.5, height - 0.5)
    }
  }
  context.globalAlpha = 1
}

const SITUATIONS = [
  ['good', 'below', 'It became rarer although it was good: the gradient pulls it back up.'],
  ['good', 'inside', 'The gradient makes it likelier.'],
  ['good', 'above', 'Likely enough: no gradient.'],
  ['bad', 'below', 'Rare enough: no gradient.'],
  ['bad', 'inside', 'The gradient makes it rarer.'],
  ['bad', 'above', 'It became likelier although it was bad: the gradient pushes it back down.'],
] as const

function Situations() {
  const counts = situations.value
  const total = counts.reduce((a, b) => a + b, 0)
  return (
    <table class="situations">
      <caption>The six situations, all minibatches of the latest iteration</caption>
      <thead>
        <tr>
          <th scope="col">action</th>
          <th scope="col">ratio</th>
          <th scope="col">samples</th>
          <th scope="col">what happens</th>
        </tr>
      </thead>
      <tbody>
        {SITUATIONS.map(([action, ratio, sentence], i) => (
          <tr key={sentence} class={i === 2 || i === 3 ? 'clipped' : ''} data-situation={i}>
            <td>{action}</td>
            <td>{ratio}</td>
            <td class="number">
              {whole(counts[i])} <small>{total > 0 ? `${((100 * counts[i]) / total).toFixed(1)} %` : ''}</small>
            </td>
            <td>{sentence}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
