/** Earlier runs since the page was opened, to be drawn behind the current one. */
import { short, whole } from '../format'
import { changeText } from '../series'
import { earlier, ghost, history, tick } from '../state'
import { Panel } from './panel'

export function Runs() {
  tick.value // returns change with every tick
  return (
    <Panel name="runs" title="Recent runs">
      <table>
        <caption>The chosen one is dashed in the charts; below a run what was changed while it trained</caption>
        <thead>
          <tr>
            <th scope="col">run</th>
            <th scope="col" class="number">
              steps
            </th>
            <th scope="col" class="number">
              return
            </th>
            <th scope="col">
              <span class="unseen">behind the current run</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {[history.value, ...earlier.value].map((run, i) => (
            <tr key={run.id}>
              <td>
                {run.label}
                {run.marks.map((mark) => (
                  <small key={`${mark.timesteps} ${mark.name}`} class="change">
                    after {whole(mark.timesteps)} steps: {changeText(mark)}
                  </small>
                ))}
              </td>
              <td class="number">{whole(run.timesteps.at(-1) ?? 0)}</td>
              <td class="number">{short(run.last('returnMean'))}</td>
              <td class="number">
                {i === 0 ? (
                  'current'
                ) : (
                  <button
                    type="button"
                    aria-pressed={ghost.value === run}
                    onClick={() => {
                      ghost.value = ghost.value === run ? null : run
                    }}
                  >
                    Show
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  )
}
