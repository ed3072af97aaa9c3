/** The parameters of the environment, from its spec: changes apply at once, also in running episodes. */
import { ConfigError } from '../../config/config'
import { parseParam } from '../../config/params'
import { type EnvParam, type NumberParam, paramKind } from '../../env/params'
import { rangeText } from '../../options/kinds'
import { formatValue } from '../../options/text'
import { plainParam } from '../names'
import { config, given, notice, spec } from '../state'
import { setParam } from '../store/actions'

export function Params() {
  const params = Object.entries(spec.value.params ?? {})
  if (params.length === 0) return null
  return (
    <details open>
      <summary>Environment</summary>
      {params.map(([name, param]) => (
        <Param key={name} name={name} param={param} />
      ))}
    </details>
  )
}

function Param({ name, param }: { name: string; param: EnvParam }) {
  const value = config.value?.envParams[name] ?? param.default
  const id = `param-${name}`
  const kind = paramKind(param)
  const unit = 'unit' in param ? param.unit : undefined
  const changed = given.value.envParams?.[name] !== undefined
  return (
    <div class={`option ${changed ? 'changed' : ''}`} data-param={name}>
      <div class="head">
        <label for={id}>
          {plainParam(name)} {plainParam(name) !== name && <code>{name}</code>}
        </label>
        <span class="live">live</span>
        {unit && <span class="unit">{unit}</span>}
      </div>
      {typeof value === 'boolean' ? (
        <input
          id={id}
          type="checkbox"
          aria-describedby={`${id}-help`}
          checked={value}
          onChange={() => setParam(name, !value)}
        />
      ) : (
        <div class="pair">
          {typeof value === 'number' && <Slider name={name} value={value} param={param as NumberParam} />}
          <input
            id={id}
            type="text"
            autocomplete="off"
            spellcheck={false}
            aria-describedby={`${id}-help`}
            value={formatValue(value, kind)}
            onChange={(event) => enter(name, event.currentTarget)}
          />
        </div>
      )}
      <p class="help" id={`${id}-help`}>
        {param.help} {rangeText(kind)}, or uniform(a,b): drawn for each episode.
      </p>
    </div>
  )
}

function Slider({ name, value, param: { min, max } }: { name: string; value: number; param: NumberParam }) {
  return (
    <input
      type="range"
      min={min}
      max={max}
      step={(max - min) / 200}
      aria-label={`${name}, from ${min} to ${max}`}
      data-param-slider={name}
      value={value}
      onInput={(event) => setParam(name, Number(event.currentTarget.valueAsNumber.toPrecision(4)))}
    />
  )
}

function enter(name: string, input: HTMLInputElement): void {
  try {
    const done = setParam(name, parseParam(name, name, input.value.trim(), spec.value))
    input.setAttribute('aria-invalid', String(!done))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    notice.value = { kind: 'error', text: error.message }
    input.setAttribute('aria-invalid', 'true')
  }
}
