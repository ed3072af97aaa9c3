/** The environment, the status of training, and the buttons that control it; on a phone a bar, with the rest below. */
import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { download } from '../download'
import { environments } from '../environments'
import { short, whole } from '../format'
import { loadPolicyFile } from '../loading'
import { adapter, config, ended, env, pace, playing, standing, stateText } from '../state'
import { resetNewSeed, resetSame, setEnv, setPace, setPlaying, step } from '../store/actions'
import { policyBytes } from '../store/line'
import { Term } from './explain'
import { toggleHelp } from './help'

const PACES = [
  [0, 'full speed'],
  [10, '10 iterations/s'],
  [2, '2 iterations/s'],
  [0.5, '1 iteration in 2 s'],
] as const

/** On a phone: whether what the bar has no room for is shown below it. */
const open = signal(false)

export function Header() {
  const root = useRef<HTMLElement>(null)
  useEffect(() => {
    const close = (event: Event) => {
      if (!open.value) return
      const outside = event.type === 'pointerdown' && !root.current!.contains(event.target as Node)
      const escaped = (event as KeyboardEvent).key === 'Escape'
      if (outside || escaped) open.value = false
      if (escaped) root.current!.querySelector<HTMLElement>('[data-action=more]')!.focus()
    }
    for (const type of ['keydown', 'pointerdown']) addEventListener(type, close)
    return () => {
      for (const type of ['keydown', 'pointerdown']) removeEventListener(type, close)
    }
  }, [])
  return (
    <header ref={root} class={`top ${open.value ? 'open' : ''}`}>
      <h1>
        PPO lab <span class="sub">reinforcement learning on this computer’s GPU</span>
      </h1>
      <Main />
      <div class="drop" id="more">
        <More />
        <Status />
      </div>
      <Brief />
    </header>
  )
}

function Main() {
  const learning = playing.value
  return (
    <div class="transport" role="toolbar" aria-label="Run">
      <label class="inline">
        <span>Environment</span>
        <select value={env.value} onChange={(event) => setEnv(event.currentTarget.value)}>
          {environments.value.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="primary"
        data-action="play"
        aria-pressed={learning}
        onClick={() => (ended.value ? resetNewSeed() : setPlaying(!learning))}
      >
        {ended.value ? 'Learn again' : learning ? 'Pause learning' : 'Learn'}
      </button>
      <button
        type="button"
        class="only-phone"
        data-action="more"
        aria-expanded={open.value}
        aria-controls="more"
        onClick={() => (open.value = !open.value)}
      >
        More
      </button>
    </div>
  )
}

function More() {
  return (
    <div class="transport" role="toolbar" aria-label="More of the run">
      <button type="button" data-action="step" onClick={step} title="Train one iteration (.)">
        Step
      </button>
      <button type="button" data-action="reset" onClick={resetSame} title="The same seed again (r)">
        Restart
      </button>
      <button type="button" data-action="new-seed" onClick={resetNewSeed} title="Restart with the next seed">
        New seed
      </button>
      <label class="inline">
        <span>Speed</span>
        <select value={pace.value} onChange={(event) => setPace(Number(event.currentTarget.value))}>
          {PACES.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <button type="button" data-action="save" onClick={savePolicy} title="Save the policy as a file (s)">
        Save
      </button>
      <label class="button" title="Play a policy, or open the files of an environment">
        Load
        <input
          type="file"
          multiple
          accept=".safetensors,.ts,.js,.mjs,.wgsl"
          aria-label="Load a policy"
          data-action="load"
          onChange={loadFrom}
        />
      </label>
      <button type="button" data-action="help" onClick={toggleHelp} title="Help (?)">
        Help
      </button>
    </div>
  )
}

async function savePolicy(): Promise<void> {
  const bytes = await policyBytes()
  download(`${env.value}-s${config.value?.seed}.safetensors`, new Blob([bytes as Uint8Array<ArrayBuffer>]))
}

async function loadFrom(event: { currentTarget: HTMLInputElement }): Promise<void> {
  const input = event.currentTarget
  const files = [...(input.files ?? [])]
  const [file] = files
  if (files.some(({ name }) => /\.(m?[jt]s|wgsl)$/i.test(name)))
    await (await import('../own/dropped')).openFiles(files.map((one) => [one.name, one]))
  else if (file) loadPolicyFile(new Uint8Array(await file.arrayBuffer()))
  input.value = ''
}

/** The status in one line, where the bar has no room for more. */
function Brief() {
  const s = standing.value
  const total = config.value?.totalTimesteps
  return (
    <p class="brief only-phone" aria-hidden="true">
      <strong>{stateText.value}</strong> <span>{`${whole(s?.timesteps ?? 0)} / ${short(total)}`}</span>{' '}
      {s?.sps != null && <span>{`${short(s.sps)} steps/s`}</span>}
    </p>
  )
}

function Status() {
  const s = standing.value
  const c = config.value
  const total = c ? whole(c.totalTimesteps) : '–'
  return (
    <dl class="status">
      <Fact name="State" value={stateText.value} id="state" />
      <Fact name="Iteration" value={whole(s?.iterations ?? 0)} id="iteration" />
      <Fact name="Timesteps" value={`${whole(s?.timesteps ?? 0)} / ${total}`} id="timesteps" />
      <Fact name="Steps/s" value={short(s?.sps)} id="sps" />
      <Fact name="Pictures/s" value={short(s?.fps)} id="fps" />
      <Fact name="Submit" value={s?.submit.ms ? `${short(s.submit.ms)} ms` : '–'} id="submit" share={s?.submit.share} />
      <Fact name="Seed" value={String(c?.seed ?? '–')} id="seed" />
      <Fact name="Adapter" value={adapter.value?.name ?? 'waiting'} id="adapter" />
    </dl>
  )
}

function Fact({ name, value, id, share }: { name: string; value: string; id: string; share?: number }) {
  return (
    <div>
      <dt>
        <Term about={id}>{name}</Term>
      </dt>
      <dd data-fact={id} data-share={share}>
        {value}
      </dd>
    </div>
  )
}
