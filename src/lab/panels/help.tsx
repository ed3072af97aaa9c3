/** A short explanation of the page, and its keys. */
import { signal } from '@preact/signals'
import { PANELS, type PanelName } from '../link'
import { shown } from '../state'
import { togglePanel } from '../store/actions'
import { Dialog } from './dialog'

const visible = signal(false)
export const toggleHelp = (): void => {
  visible.value = !visible.value
}

const KEYS = [
  ['space', 'pause or continue learning; the policy keeps playing'],
  ['.', 'one iteration'],
  ['r', 'restart with the same seed'],
  ['s', 'save the policy'],
  ['?', 'this help'],
  ['arrows', 'play the enlarged environment, where that is possible; then space fires'],
  ['Esc', 'close what is open: help, an explanation, a message'],
]

const NAMES: Record<PanelName, string> = {
  stage: 'Environments',
  focus: 'One environment',
  filters: 'Filters and feature maps',
  charts: 'Charts',
  objective: 'The clipped objective',
  controls: 'Options',
  population: 'Population',
  compare: 'Compare with the CPU',
  runs: 'Recent runs',
}

export function Help() {
  return (
    <Dialog name="helping" title="Help" open={visible.value} onClose={() => (visible.value = false)}>
      <p>
        Proximal Policy Optimization trains a small neural network by trial and error. Each iteration plays in many
        copies of the environment, then improves the policy a little, never far from the one that played. Everything
        runs on this computer’s GPU; nothing is sent anywhere. A dotted underline marks names that explain themselves
        when they are pressed.
      </p>
      <table>
        <caption>Keys</caption>
        <tbody>
          {KEYS.map(([key, what]) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{key}</kbd>
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <fieldset>
        <legend>Panels; the page’s link keeps this choice</legend>
        {PANELS.map((panel) => (
          <label key={panel} class="check">
            <input type="checkbox" checked={shown(panel)} onChange={() => togglePanel(panel)} />
            {NAMES[panel]}
          </label>
        ))}
      </fieldset>
    </Dialog>
  )
}
