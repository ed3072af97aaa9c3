/** The enlarged environment in numbers: the observation, the policy's output, and controls that set its state. */
import { choiceNames, type EnvSpec } from '../../env/contract'
import { short } from '../format'
import { isPlayable, plays, setPlays } from '../keyplay'
import type { FocusFacts } from '../protocol'
import { drawnCount, facts, spec, view } from '../state'
import { poke, setView } from '../store/actions'
import { Term } from './explain'
import { Panel } from './panel'

export function FocusPanel() {
  const { focus, layout, source } = view.value
  const count = drawnCount.value
  const f = facts.value
  return (
    <Panel
      name="focus"
      title={`Environment ${focus}`}
      tools={
        <>
          <button
            type="button"
            onClick={() => setView({ focus: (focus + count - 1) % count })}
            aria-label="Environment before"
          >
            ‹
          </button>
          <button type="button" onClick={() => setView({ focus: (focus + 1) % count })} aria-label="Next environment">
            ›
          </button>
          <button
            type="button"
            aria-pressed={layout === 'one'}
            onClick={() => setView({ layout: layout === 'one' ? 'grid' : 'one' })}
          >
            Enlarge
          </button>
          {isPlayable(spec.value) && (
            <button
              type="button"
              aria-pressed={plays.value}
              data-action="keys"
              onClick={(event) => {
                setPlays(!plays.value)
                event.currentTarget.blur() // space is a key of the game
              }}
            >
              Play it yourself
            </button>
          )}
        </>
      }
    >
      {plays.value && (
        <p class="hint">Arrows move, space fires. Press the button again, and the policy goes on from here.</p>
      )}
      {source === 'training' ? (
        <p class="hint">Its numbers are those of the policy’s own environments; choose to show the policy above.</p>
      ) : f ? (
        <Facts f={f} spec={spec.value} />
      ) : (
        <p class="hint">The policy’s own environments are not ready yet.</p>
      )}
    </Panel>
  )
}

function Facts({ f, spec }: { f: FocusFacts; spec: EnvSpec }) {
  return (
    <div class="facts">
      <table>
        <caption>
          <Term about="action">{f.std ? 'Action: mean and deviation' : 'Action: probability'}</Term>
        </caption>
        <tbody>
          {choiceNames(spec).map((name, i) => (
            <tr key={`${i} ${name}`} class={f.taken.includes(i) ? 'taken' : ''}>
              <th scope="row">{name}</th>
              <td class="number">
                {f.std ? `${short(f.policy[i])} ± ${short(f.std[i])}` : `${(100 * f.policy[i]).toFixed(1)} %`}
              </td>
              <td class="meter">
                <Meter value={f.std ? bounded(f.policy[i], spec, i) : f.policy[i]} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <table>
        <caption>
          <Term about="observation">What the policy saw</Term>
        </caption>
        <tbody>
          {spec.observations?.map((name, i) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{short(f.obs[i])}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">
              <Term about="value">value, the critic’s estimate</Term>
            </th>
            <td class="number">{short(f.value)}</td>
          </tr>
          <tr>
            <th scope="row">return, steps so far</th>
            <td class="number">
              {short(f.episodicReturn)}, {f.episodicLength}
            </td>
          </tr>
        </tbody>
      </table>
      {spec.picture && spec.picture.handles.length > 0 && (
        <fieldset class="handles">
          <legend>Set its state</legend>
          {spec.picture.handles.map(({ field, label, min, max }) => (
            <label key={field}>
              <span>{label}</span>
              <input
                type="range"
                min={min}
                max={max}
                step={(max - min) / 200}
                value={f.state[field]}
                data-handle={field}
                onInput={(event) => poke(field, event.currentTarget.valueAsNumber)}
              />
              <output>{short(f.state[field])}</output>
            </label>
          ))}
        </fieldset>
      )}
    </div>
  )
}

/** The position of a mean between the bounds of its action, 0 to 1. */
function bounded(x: number, { actionSpace }: EnvSpec, i: number): number {
  if (actionSpace.kind !== 'box') return 0
  return (x - actionSpace.low[i]) / (actionSpace.high[i] - actionSpace.low[i])
}

const Meter = ({ value }: { value: number }) => (
  <span class="bar" aria-hidden="true">
    <span style={{ width: `${100 * Math.min(Math.max(value, 0), 1)}%` }} />
  </span>
)
