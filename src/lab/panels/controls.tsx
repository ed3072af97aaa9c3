/** Every option of a run, from the same table as the command line's: range, meaning, and whether it may change at once. */
import { ConfigError, parseOption } from '../../config/config'
import { type NumberOption, OPTIONS, type Option, type OptionName } from '../../options/options'
import { formatOption } from '../choice'
import { isLive } from '../live'
import { config, given, notice } from '../state'
import { resetOptions, setOption } from '../store'
import { Panel } from './panel'

/** What is decided together; options that no group names come last. */
const GROUPS: [string, OptionName[]][] = [
  ['Objective', ['algorithm', 'clipCoef', 'klCoef', 'targetKl', 'entCoef', 'vfCoef', 'clipVloss', 'vfClipCoef']],
  ['Optimiser', ['learningRate', 'annealLr', 'maxGradNorm', 'updateEpochs', 'numMinibatches']],
  ['Advantages', ['gamma', 'gaeLambda', 'normAdv', 'bootstrapTruncated']],
  ['Rollout', ['numEnvs', 'numSteps', 'numAgents', 'seed', 'totalTimesteps', 'stopWhenSolved']],
  ['Network', ['hidden', 'activation', 'hiddenGain', 'actorGain', 'criticGain', 'logStdInit']],
]
const grouped = new Set(GROUPS.flatMap(([, names]) => names))
const REST = (Object.keys(OPTIONS) as OptionName[]).filter((name) => !grouped.has(name))

/** Units, and the span of a slider where the whole range would be of no use. */
const SLIDERS: Partial<Record<OptionName, { from: number; to: number; log?: boolean; unit?: string }>> = {
  learningRate: { from: 1e-5, to: 1e-1, log: true },
  clipCoef: { from: 0.01, to: 1 },
  entCoef: { from: 0, to: 0.1 },
  vfCoef: { from: 0, to: 2 },
  gamma: { from: 0.8, to: 1 },
  gaeLambda: { from: 0, to: 1 },
  maxGradNorm: { from: 0.05, to: 10, log: true },
  klCoef: { from: 0.01, to: 100, log: true },
}
const UNITS: Partial<Record<OptionName, string>> = {
  numEnvs: 'environments',
  numSteps: 'steps',
  totalTimesteps: 'steps',
  entCoef: 'per nat',
  targetKl: 'nats',
  desiredKl: 'nats',
  numAgents: 'agents',
  hidden: 'units',
}

export function Controls() {
  return (
    <Panel
      name="controls"
      title="Options"
      tools={
        <button
          type="button"
          data-action="preset"
          disabled={Object.keys(given.value).length === 0}
          onClick={resetOptions}
        >
          Preset
        </button>
      }
    >
      <p class="hint">
        <span class="live">live</span> changes the running agent; the others begin a new run.
      </p>
      {[...GROUPS, ['More', REST] as [string, OptionName[]]].map(([title, names], i) => (
        <details key={title} open={i < 2}>
          <summary>{title}</summary>
          {names.filter(hasMeaning).map((name) => (
            <Control key={name} name={name} />
          ))}
        </details>
      ))}
    </Panel>
  )
}

/** What the chosen algorithm does not look at is left out. */
function hasMeaning(name: OptionName): boolean {
  const penalty = config.value?.algorithm === 'penalty'
  if (name === 'klCoef') return penalty
  return !(penalty && ['clipCoef', 'annealClipCoef', 'dualClip'].includes(name))
}

function Control({ name }: { name: OptionName }) {
  const option = OPTIONS[name]
  const value = config.value?.[name]
  const id = `option-${name}`
  const swept = config.value && name in config.value.sweep
  const changed = given.value[name] !== undefined
  return (
    <div class={`option ${changed ? 'changed' : ''}`} data-option={name}>
      <div class="head">
        <label for={id}>{name}</label>
        {isLive(name) && !swept && <span class="live">live</span>}
        {UNITS[name] && <span class="unit">{UNITS[name]}</span>}
      </div>
      <Field id={id} name={name} option={option} value={value} />
      <p class="help" id={`${id}-help`}>
        {option.help} {rangeText(option)}
      </p>
    </div>
  )
}

function rangeText(option: Option): string {
  if (option.type === 'integer' || option.type === 'number') {
    const { min, max, exclusiveMin, exclusiveMax, nullable } = option
    return `${exclusiveMin ? 'Above' : 'From'} ${min} to ${exclusiveMax ? 'below ' : ''}${max}${nullable ? ', or null' : ''}.`
  }
  return option.type === 'sizes' ? `Up to ${option.maxLength} numbers from ${option.min} to ${option.max}.` : ''
}

function Field(props: { id: string; name: OptionName; option: Option; value: unknown }) {
  const { id, name, option, value } = props
  const help = `${id}-help`
  if (option.type === 'boolean') {
    const checked = value === true
    return (
      <input
        id={id}
        type="checkbox"
        aria-describedby={help}
        checked={checked}
        onChange={() => setOption(name, !checked)}
      />
    )
  }
  if (option.type === 'choice') {
    return (
      <select
        id={id}
        aria-describedby={help}
        value={String(value)}
        onChange={(event) => choose(name, event.currentTarget)}
      >
        {option.choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    )
  }
  const slider = option.type === 'sizes' ? undefined : SLIDERS[name]
  return (
    <div class="pair">
      {slider && typeof value === 'number' && (
        <Slider name={name} value={value} {...slider} option={option as NumberOption} />
      )}
      <input
        id={id}
        type="text"
        inputMode="decimal"
        autocomplete="off"
        spellcheck={false}
        aria-describedby={help}
        value={textOf(name, value)}
        onChange={(event) => enter(name, event.currentTarget)}
      />
    </div>
  )
}

/** What stands in the field: a sweep as it was written, else the value. */
function textOf(name: OptionName, value: unknown): string {
  const own = given.value[name]
  if (typeof own === 'object' && own !== null) return formatOption(name, own)
  return value === undefined ? '' : formatOption(name, value)
}

function choose(name: OptionName, select: HTMLSelectElement): void {
  if (!setOption(name, select.value)) select.value = String(config.value?.[name])
}

function enter(name: OptionName, input: HTMLInputElement): void {
  try {
    const done = setOption(name, parseOption(name, input.value.trim()))
    input.setAttribute('aria-invalid', String(!done))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    notice.value = { kind: 'error', text: error.message }
    input.setAttribute('aria-invalid', 'true')
  }
}

function Slider(props: {
  name: OptionName
  value: number
  from: number
  to: number
  log?: boolean
  option: NumberOption
}) {
  const { name, value, from, to, log } = props
  const there = (x: number) => (log ? Math.log(x / from) / Math.log(to / from) : (x - from) / (to - from))
  const back = (t: number) => (log ? from * (to / from) ** t : from + t * (to - from))
  const set = (t: number) => setOption(name, Number(back(t).toPrecision(3)))
  return (
    <input
      type="range"
      min="0"
      max="1"
      step="0.005"
      aria-label={`${name}, from ${from} to ${to}`}
      aria-valuetext={String(value)}
      data-slider={name}
      value={there(Math.max(value, log ? from : value))}
      onInput={(event) => set(event.currentTarget.valueAsNumber)}
    />
  )
}
