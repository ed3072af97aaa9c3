/**
 * Every option of a run, from the same table as the command line's: range, meaning, and whether it can change during
 * training.
 */
import { ConfigError, parseOption } from '../../config/config'
import { isNumberKind, rangeText } from '../../options/kinds'
import { OPTION_NAMES, OPTIONS, type Option, type OptionName } from '../../options/options'
import { describe, type Slider as Span } from '../../options/row'
import { formatOption } from '../choice'
import { plainName } from '../names'
import { config, given, notice, spec } from '../state'
import { resetOptions, setOption } from '../store/actions'
import { Panel } from './panel'
import { Params } from './params'

/** These groups of the table come first, and are open. */
const FIRST = ['Objective', 'Optimiser']
const GROUPS = [...new Set([...FIRST, ...OPTION_NAMES.map((name) => OPTIONS[name].group)])]

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
        <span class="live">live</span> changes the running agent, and leaves a mark in the curves; the others begin a
        new run.
      </p>
      <Params />
      {GROUPS.map((group) => (
        <details key={group} open={FIRST.includes(group)}>
          <summary>{group}</summary>
          {OPTION_NAMES.filter((name) => OPTIONS[name].group === group && hasMeaning(name)).map((name) => (
            <Control key={name} name={name} />
          ))}
        </details>
      ))}
    </Panel>
  )
}

/** Hides options that the chosen algorithm or the environment's actions do not use. */
function hasMeaning(name: OptionName): boolean {
  const { only } = OPTIONS[name]
  if (only === undefined) return true
  if ('algorithm' in only) return config.value?.algorithm === only.algorithm
  return only.actions.includes(spec.value.actionSpace.kind)
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
        <label for={id}>
          {plainName(name)} {plainName(name) !== name && <code>{name}</code>}
        </label>
        {option.live && !swept && <span class="live">live</span>}
        {option.unit && <span class="unit">{option.unit}</span>}
      </div>
      <Field id={id} name={name} option={option} value={value} />
      <p class="help" id={`${id}-help`}>
        {describe(option)} {rangeOf(option)}
      </p>
    </div>
  )
}

/** `Above 0 to 100.`; empty if the control itself shows the choices. */
function rangeOf(option: Option): string {
  if (option.type === 'boolean' || option.type === 'choice') return ''
  const text = `${isNumberKind(option) && !option.exclusiveMin ? 'from ' : ''}${rangeText(option)}.`
  return text[0].toUpperCase() + text.slice(1)
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
  return (
    <div class="pair">
      {option.slider && typeof value === 'number' && <Slider name={name} value={value} {...option.slider} />}
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

/** The text of the field: a sweep as it was written, else the value. */
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

function Slider({ name, value, from, to, log }: Span & { name: OptionName; value: number }) {
  const there = (x: number) => (log ? Math.log(x / from) / Math.log(to / from) : (x - from) / (to - from))
  const back = (t: number) => (log ? from * (to / from) ** t : from + t * (to - from))
  const set = (t: number) => setOption(name, Number(back(t).toPrecision(3)))
  return (
    <input
      type="range"
      min="0"
      max="1"
      step="0.005"
      aria-label={`${plainName(name)}, from ${from} to ${to}`}
      aria-valuetext={String(value)}
      data-slider={name}
      value={there(Math.max(value, log ? from : value))}
      onInput={(event) => set(event.currentTarget.valueAsNumber)}
    />
  )
}
