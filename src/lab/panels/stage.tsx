/** The environments: a canvas that the Worker draws on, and how they are laid out. */
import { useEffect, useRef } from 'preact/hooks'
import { COUNTS, LAYOUTS } from '../link'
import type { Surface } from '../protocol'
import { open, playing, setSurface, setView, shown, spec, stateText, view } from '../store'
import { Panel } from './panel'

const LAYOUT_NAMES = { grid: 'grid', ghosts: 'all on one', one: 'one' } as const
const dark = matchMedia('(prefers-color-scheme: dark)')

/** Width over height of a picture, within what fits a page. */
const shapeOf = ([left, bottom, right, top] = [0, 0, 1, 1]): number =>
  Math.min(Math.max((right - left) / (top - bottom), 1.1), 1.8)

const surfaceOf = (canvas: HTMLElement): Surface => {
  const scale = Math.min(devicePixelRatio || 1, 2)
  const { width, height } = canvas.getBoundingClientRect()
  return {
    width: Math.max(Math.round(width * scale), 1),
    height: Math.max(Math.round(height * scale), 1),
    dark: dark.matches,
  }
}

export function StagePanel() {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current!
    open(element.transferControlToOffscreen(), surfaceOf(element))
    const measure = () => setSurface(surfaceOf(element))
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    dark.addEventListener('change', measure)
    return () => {
      observer.disconnect()
      dark.removeEventListener('change', measure)
    }
  }, [])
  const { source, layout, count } = view.value
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
                ['policy', 'in real time'],
                ['training', 'training'],
              ]}
              set={(value) => setView({ source: value as 'policy' })}
            />
          </>
        }
      >
        <canvas
          ref={canvas}
          style={{ aspectRatio: String(shapeOf(spec.value.picture?.frame)) }}
          role="img"
          aria-label={`${count} environments ${spec.value.id}; ${stateText.value}`}
          data-playing={playing.value}
        />
        <p class="hint">
          {source === 'policy'
            ? 'Copies of the environment in which the current policy acts, apart from training. Pausing freezes what it has learned, not the play.'
            : 'The states of the training environments, once per picture: many steps pass in between.'}
        </p>
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
