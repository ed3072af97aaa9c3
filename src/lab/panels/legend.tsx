/** What the lines, the band and the marks of the curves are. */
import type { PlotLine } from '../overlay'
import { config, ghost, history, spec, tick } from '../state'

/** The lines of the chart of returns: from where on the environment counts as solved, and a published return. */
export function lines(): PlotLine[] {
  const { rewardThreshold, published } = spec.value
  return [
    ...(rewardThreshold === null ? [] : [{ y: rewardThreshold, label: `solved: ${rewardThreshold}` }]),
    ...(published ? [{ y: published.score, label: published.label }] : []),
  ]
}

export function Legend() {
  tick.value // a mark arrives with a tick
  const agents = config.value?.numAgents ?? 1
  const band =
    agents > 1 ? 'the middle half of the agents' : 'one deviation of its episodes, within the smallest and the largest'
  return (
    <ul class="legend">
      <li>
        <i class="mean" /> {agents > 1 ? `mean of ${agents} agents` : 'this run'}
      </li>
      <li>
        <i class="band" /> {band}
      </li>
      {ghost.value && (
        <li>
          <i class="ghost" /> the run before: {ghost.value.label}
        </li>
      )}
      {lines().map(({ label }) => (
        <li key={label}>
          <i class="dotted" /> {label}
        </li>
      ))}
      {history.value.marks.length > 0 && (
        <li>
          <i class="mark" /> an option was changed
        </li>
      )}
    </ul>
  )
}
