/** The environments: a canvas that the Worker draws on, and how they are laid out. */
import { useEffect, useRef } from 'preact/hooks'
import { cardAt, DEFAULT_PICTURE } from '../../scene/grid'
import { COUNTS, LAYOUTS } from '../link'
import type { Surface, ViewChoice } from '../protocol'
import { drawnCount, isDark, playing, shown, spec, standing, stateText, view } from '../state'
import { setSurface, setView } from '../store/actions'
import { open } from '../store/receive'
import { Panel } from './panel'
import { Record } from './record'

const TEMPOS: [string, string][] = [
  ['0', 'still'],
  ['0.25', 'slow'],
  ['1', 'real time'],
  ['4', 'fast'],
]
const LAYOUT_NAMES = { grid: 'grid', ghosts: 'all on one', one: 'one' } as const
/** Width over height of a picture, limited to what fits on a page. */
const shapeOf = ([left, bottom, right, top] = [0, 0, 1, 1]): number =>
  Math.min(Math.max((right - left) / (top - bottom), 1.1), 1.8)

const surfaceOf = (canvas: HTMLElement): Surface => {
  const scale = Math.min(devicePixelRatio || 1, 2)
  const { width, height } = canvas.getBoundingClientRect()
  return {
    width: Math.max(Math.round(width * scale), 1),
    height: Math.max(Math.round(height * scale), 1),
    dark: isDark.value,
  }
}

/** Shows the numbers of the clicked card's environment. Buttons do the same for a keyboard. */
function choose(event: MouseEvent): void {
  if (view.value.layout !== 'grid') return
  const { width, height } = (event.currentTarget as HTMLElement).getBoundingClientRect()
  const { frame } = spec.value.picture ?? DEFAULT_PICTURE
  const focus = cardAt(frame, drawnCount.value, { width, height }, event.offsetX, event.offsetY)
  if (focus !== undefined) setView({ focus })
}

function hintOf(source: ViewChoice['source']): string {
  const { drawn } = standing.value ?? {}
  const few = drawn && drawn.count < view.value.count ? `; this run has ${drawn.count}` : ''
  if (source === 'training')
    return `The states of the environments that train${few}, once per picture: many steps pass in between.`
  return drawn?.source === 'training'
    ? `Environments that train${few}. Those of the policy take their place as soon as they are ready.`
    : 'Copies of the environment in which the current policy acts, apart from training. Pausing freezes what it has learned, not the play. A click on one chooses it.'
}

export function StagePanel() {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current!
    open(element.transferControlToOffscreen(), surfaceOf(element))
    const measure = () => setSurface(surfaceOf(element))
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    const forget = isDark.subscribe(measure)
    return () => {
      observer.disconnect()
      forget()
    }
  }, [])
  const { source, layout, count, tempo } = view.value
  const visible = shown('stage')
  return (
    <div class={visible ? '' : 'off'}>
      <Panel
        name="stage"
        title={source === 'policy' ? 'The policy plays' : 'The environments that train'}
        tools={
          <>
            <Choice
              name="Layout"
              value={layout}
              options={LAYOUTS.map((name) => [name, LAYOUT_NAMES[name]])}
              set={(value) => setView({ layout: value as 'grid' })}
            />
            <Choice
              name="Number"
              value={String(count)}
              options={COUNTS.map((n) => [String(n), String(n)])}
              set={(value) => setView({ count: Number(value) })}
            />
            <Choice
              name="Show"
              value={source}
              options={[
                ['policy', 'the policy'],
                ['training', 'training'],
              ]}
              set={(value) => setView({ source: value as 'policy' })}
            />
            {source === 'policy' && (
              <Choice
                name="Play"
                value={String(tempo)}
                options={TEMPOS}
                set={(value) => setView({ tempo: Number(value) })}
              />
            )}
            <Record />
          </>
        }
      >
        <canvas
          ref={canvas}
          style={{ aspectRatio: String(shapeOf(spec.value.picture?.frame)) }}
          role="img"
          aria-label={`${drawnCount.value} environments ${spec.value.id}; ${stateText.value}`}
          data-playing={playing.value}
          data-drawn={standing.value?.drawn?.source}
          onClick={choose}
        />
        <p class="hint">{hintOf(source)}</p>
      </Panel>
    </div>
  )
}

function Choice(props: { name: string; value: string; options: [string, string][]; set: (value: string) => void }) {
  return (
    <label class="inline">
      <span>{props.name}</span>
      <select value={props.value} onChange={(event) => props.set(event.currentTarget.value)}>
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
