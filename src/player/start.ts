/** The page of a policy that plays: `replay.html`, `enjoy` and the gallery. It needs no network. */
import type { Contents, PlayerSpec } from './contents'
import { canvasPainter, type MakeParts } from './painter'
import { button, checkbox, make, short, slider } from './panel'
import { numberAt } from './places'
import { Show } from './show'
import { isPictureAlone, playByGpu, Stage } from './stage'

const TEMPOS = [0.25, 0.5, 1, 2, 4]

/** Plays the policy of `contents` in the one of `specs` that it is for. Returns what tests ask. */
export function start(contents: Contents, specs: PlayerSpec[], makeParts: MakeParts | null) {
  const spec = specs.find(({ id }) => id === contents.env)
  if (!spec) throw new Error(`${contents.env}: is not in this page`)
  const show = new Show(spec, contents)
  const { parts } = contents
  const canvas = makeParts && parts && spec.picture ? canvasPainter(spec.picture, makeParts, parts) : null
  const stage = new Stage(spec, canvas)
  build(show, spec, contents, stage)
  const ready = playByGpu(contents, show, stage)
  return { returns: (episodes: number) => show.returns(episodes), show, stage, ready }
}

function build(show: Show, spec: PlayerSpec, { facts }: Contents, stage: Stage): void {
  document.title = `${spec.id}: a trained policy`
  const numbers = make('p', { className: 'numbers' })
  const toggle = button('Pause', () => {
    show.playing = !show.playing
    toggle.textContent = show.playing ? 'Pause' : 'Play'
  })
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) toggle.click()
  const tempo = make(
    'select',
    { ariaLabel: 'speed' },
    TEMPOS.map((x) => new Option(`${x} x`, `${x}`, x === 1, x === 1)),
  )
  tempo.onchange = () => {
    show.tempo = Number(tempo.value)
  }
  const step = button('Step', () => void show.step())
  const next = button('Next episode', () => show.next())
  const handles = (spec.picture?.handles ?? []).map((handle) => {
    const { field, label } = handle
    const range = { ...handle, value: numberAt(show.state, field) }
    const one = slider(label, range, (value) => show.poke(field, value))
    return { ...one, update: () => one.show(numberAt(show.state, field)) }
  })
  const params = Object.entries(spec.params ?? {}).map(([name, param]) => {
    const value = show.params[name]
    if (typeof param.default === 'boolean') return checkbox(name, value === true, (on) => show.setParam(name, on))
    const label = 'unit' in param && param.unit ? `${name}, ${param.unit}` : name
    const range = { ...(param as { min: number; max: number }), value: Number(value) }
    return slider(label, range, (to) => show.setParam(name, to)).row
  })
  const group = (title: string, rows: HTMLElement[]) =>
    rows.length === 0 ? [] : [make('fieldset', {}, [make('legend', { textContent: title }), ...rows])]
  document.body.append(
    make('main', {}, [
      make('h1', { textContent: spec.id }),
      stage.element,
      make('p', { className: 'buttons' }, [toggle, step, next, tempo]),
      numbers,
      ...group(
        'Move it by hand',
        handles.map(({ row }) => row),
      ),
      ...group('Parameters of the environment', params),
      make('footer', {}, [...facts.map((text) => make('p', { textContent: text })), stage.caption]),
    ]),
  )

  let last = performance.now()
  const isSeen = watch(stage.element)
  const frame = (now: number) => {
    requestAnimationFrame(frame)
    const seconds = Math.min(now - last, 500) / 1000
    last = now
    if (!isSeen()) return
    void show.advance(seconds)
    stage.paint(show)
    for (const { update } of handles) update()
    numbers.textContent = told(show, spec)
  }
  requestAnimationFrame(frame)
}

/** In a gallery only the pictures that are seen move. */
function watch(element: HTMLElement): () => boolean {
  if (!isPictureAlone()) return () => true
  let seen = false
  new IntersectionObserver((changes) => {
    seen = changes.at(-1)!.isIntersecting
  }).observe(element)
  return () => seen
}

function told(show: Show, { actions, actionSpace }: PlayerSpec): string {
  const { episode, step, return: total, action, done, moved, latest } = show.standing
  const named =
    actionSpace.kind === 'box' ? action.map(short).join(', ') : action.map((a, i) => nameOf(actions, a, i)).join(', ')
  const mean = latest.reduce((a, b) => a + b, 0) / latest.length
  return [
    `Episode ${episode + 1}, step ${step}: return ${short(total)}${done ? ', ended' : ''}${moved ? ' (moved by hand)' : ''}`,
    `action: ${named || 'none yet'}`,
    ...(latest.length > 0
      ? [`mean return of ${latest.length} whole ${latest.length === 1 ? 'episode' : 'episodes'}: ${short(mean)}`]
      : []),
  ].join(' · ')
}

const nameOf = (actions: string[] | string[][], index: number, part: number): string => {
  const names = Array.isArray(actions[0]) ? (actions as string[][])[part] : (actions as string[])
  return names[index] ?? String(index)
}
