/** The environment, the status of training, and the buttons that control it. */
import { ENVS } from '../../../envs/registry'
import { download } from '../download'
import { short, whole } from '../format'
import { loadPolicyFile } from '../loading'
import { adapter, config, ended, env, notice, pace, playing, recoveries, standing, stateText } from '../state'
import { resetNewSeed, resetSame, setEnv, setPace, setPlaying, step } from '../store/actions'
import { policyBytes } from '../store/line'
import { toggleHelp } from './help'

const PACES = [
  [0, 'full speed'],
  [10, '10 iterations/s'],
  [2, '2 iterations/s'],
  [0.5, '1 iteration in 2 s'],
] as const

export function Header() {
  return (
    <header class="top">
      <h1>
        PPO lab <span class="sub">reinforcement learning on this computer’s GPU</span>
      </h1>
      <Transport />
      <Status />
      <Notices />
    </header>
  )
}

function Transport() {
  const learning = playing.value
  return (
    <div class="transport" role="toolbar" aria-label="Run">
      <label class="inline">
        <span>Environment</span>
        <select value={env.value} onChange={(event) => setEnv(event.currentTarget.value)}>
          {ENVS.map(({ id }) => (
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
      <label class="button">
        Load
        <input type="file" accept=".safetensors" data-action="load" onChange={loadFrom} />
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
  const file = input.files?.[0]
  if (file) loadPolicyFile(new Uint8Array(await file.arrayBuffer()))
  input.value = ''
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
      <Fact
        name="Submit"
        value={s?.submit.ms ? `${short(s.submit.ms)} ms` : '–'}
        id="submit"
        share={s?.submit.share}
        title="Time of one submit to the GPU, during which nothing else is drawn: below 8 ms while this page is visible"
      />
      <Fact name="Seed" value={String(c?.seed ?? '–')} id="seed" />
      <Fact name="Adapter" value={adapter.value?.name ?? 'waiting'} id="adapter" />
    </dl>
  )
}

function Fact(props: { name: string; value: string; id: string; title?: string; share?: number }) {
  const { name, value, id, title, share } = props
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd data-fact={id} data-share={share}>
        {value}
      </dd>
    </div>
  )
}

function Notices() {
  const n = notice.value
  return (
    <div class="notices" data-recovered={recoveries.value || undefined}>
      {adapter.value?.software && (
        <details class="notice software" data-notice="software">
          <summary>
            No GPU in use: this browser computes on the processor ({adapter.value.name}). Networks are smaller and
            pictures fewer here; speeds say nothing about a GPU. What to do
          </summary>
          <ul>
            <li>
              If this computer has a GPU, chrome://gpu says why it is not used; update its driver, switch on hardware
              acceleration in the browser’s settings, then restart the browser.
            </li>
            <li>On Linux, start Chrome with --enable-unsafe-webgpu --enable-features=Vulkan.</li>
            <li>Without a GPU everything works, only slower.</li>
          </ul>
        </details>
      )}
      <p class={`notice ${n?.kind ?? ''}`} role="status" aria-live="polite" data-notice={n?.kind ?? 'none'}>
        {n?.text}
      </p>
    </div>
  )
}
