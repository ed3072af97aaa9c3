/** Several agents in parallel: their swept options against their returns. */

import { effect, signal } from '@preact/signals'
import { type PpoOptions, SWEEPABLE, type SweepKey } from '../../options/options'
import { formatOption, resolveChoice } from '../choice'
import { messageOf } from '../format'
import { writeLink } from '../link'
import { plainName } from '../names'
import { config, env, given, notice, software, spec } from '../state'
import { restart } from '../store/runs'
import { commandOf, FIRST_FORM, formOf, optionsOf, type SweepForm, sweptIn, withKey } from '../sweepform'
import { Term } from './explain'
import { Panel } from './panel'
import { Scatter } from './scatter'

const form = signal<SweepForm>(FIRST_FORM)
/** The swept option that the form was filled with: choosing another one replaces it. */
const filled = signal<SweepKey>(FIRST_FORM.key)

// A link, an option or a run that brings a population fills the form with it.
effect(() => {
  const known = formOf(given.value)
  if (!known) return
  form.value = known
  filled.value = known.key
})

const change = (part: Partial<SweepForm>) => {
  form.value = { ...form.value, ...part }
}

/** What the form would run: its options, or what is wrong with it. */
function wanted(): { options: PpoOptions } | { wrong: string } {
  try {
    const options = optionsOf(form.value, given.value, filled.value)
    resolveChoice(env.value, options, software.value)
    return { options }
  } catch (error) {
    return { wrong: messageOf(error) }
  }
}

function begin(): void {
  const plan = wanted()
  if ('wrong' in plan) {
    notice.value = { kind: 'error', text: plan.wrong }
    return
  }
  given.value = plan.options
  restart()
  notice.value = { kind: 'info', text: `${form.value.agents} agents train together.` }
}

export function Population() {
  const c = config.value
  const { agents, key, kind, from, to, values } = form.value
  const swept = Object.keys(c?.sweep ?? {}) as SweepKey[]
  const onlySeeds = key === 'seed' && kind !== 'list'
  return (
    <Panel name="population" title={<Term about="population">Population</Term>}>
      <form
        class="sweep"
        onSubmit={(event) => {
          event.preventDefault()
          begin()
        }}
      >
        <Field name="agents" value={agents} mode="numeric" set={(agents) => change({ agents })} />
        <label>
          <span>differ in</span>
          <select
            value={key}
            onChange={(event) => {
              form.value = withKey(form.value, event.currentTarget.value as SweepKey)
            }}
          >
            {SWEEPABLE.map((name) => (
              <option key={name} value={name}>
                {name === 'seed' ? 'seed alone' : `${plainName(name)} (${name})`}
              </option>
            ))}
          </select>
        </label>
        {!onlySeeds && kind === 'list' && (
          <Field name="values" value={values} mode="text" set={(values) => change({ values })} />
        )}
        {!onlySeeds && kind !== 'list' && (
          <>
            <Field name="from" value={from} mode="decimal" set={(from) => change({ from })} />
            <Field name="to" value={to} mode="decimal" set={(to) => change({ to })} />
          </>
        )}
        {!onlySeeds && (
          <label>
            <span>spacing</span>
            <select value={kind} onChange={(event) => change({ kind: event.currentTarget.value as SweepForm['kind'] })}>
              <option value="log">equal ratios</option>
              <option value="lin">equal steps</option>
              <option value="list">these values</option>
            </select>
          </label>
        )}
        <button type="submit" data-action="sweep">
          Train them together
        </button>
      </form>
      <Others />
      <Recipe />
      {c && c.numAgents > 1 && <Scatter name={swept[0] ?? 'seed'} />}
    </Panel>
  )
}

function Field(props: { name: string; value: string; mode: 'numeric' | 'decimal' | 'text'; set: (x: string) => void }) {
  return (
    <label>
      <span>{props.name}</span>
      <input
        class={props.mode === 'text' ? 'long' : ''}
        inputMode={props.mode}
        autocomplete="off"
        value={props.value}
        onInput={(event) => props.set(event.currentTarget.value)}
      />
    </label>
  )
}

/** Further options that a link sweeps: they stay, unless they are taken out. */
function Others() {
  const others = sweptIn(given.value).filter((name) => name !== filled.value && name !== form.value.key)
  if (others.length === 0) return null
  const without = (name: SweepKey) => {
    const { [name]: _, ...rest } = given.value
    given.value = rest
    restart()
  }
  return (
    <p class="others">
      They also differ in{' '}
      {others.map((name) => (
        <span key={name}>
          <code>{`${name}=${formatOption(name, given.value[name])}`}</code>{' '}
          <button type="button" onClick={() => without(name)} aria-label={`Train again without differences in ${name}`}>
            Take out
          </button>
        </span>
      ))}
    </p>
  )
}

/** The link and the command that run what the form holds. */
function Recipe() {
  const plan = wanted()
  if ('wrong' in plan) return <p class="wrong">{plan.wrong}</p>
  const page = { env: env.value, given: plan.options, view: {}, hidden: [], play: true, draw: 'auto' as const }
  const link = writeLink(page, software.value)
  return (
    <dl class="recipe">
      <dt>As a link</dt>
      <dd>
        <a href={link} data-link="sweep">
          {link}
        </a>
      </dd>
      <dt>As a command</dt>
      <dd>
        <code data-command="sweep">{commandOf(spec.value, plan.options, software.value)}</code>
      </dd>
    </dl>
  )
}
