/** One iteration on both sides, and each stage's error: shows on this device that the GPU computes PPO correctly. */
import { signal } from '@preact/signals'
import { compareWithCpu } from '../client'
import { ownOf } from '../environments'
import { short } from '../format'
import type { CompareAnswer } from '../protocol'
import { adapter, config, env, notice, playing } from '../state'
import { setPlaying } from '../store/actions'
import { lastSps } from '../store/runs'
import { Panel } from './panel'

const answer = signal<(CompareAnswer & { gpuSps: number | null }) | null>(null)
const busy = signal(false)

/** Training pauses meanwhile: both sides need the machine. */
async function run(): Promise<void> {
  const wasPlaying = playing.value
  const gpuSps = lastSps()
  busy.value = true
  if (wasPlaying) setPlaying(false)
  try {
    const result = await compareWithCpu({ env: env.value, config: config.value!, own: ownOf(env.value) })
    if ('failed' in result) notice.value = { kind: 'error', text: result.failed }
    else answer.value = { ...result, gpuSps }
  } finally {
    busy.value = false
    if (wasPlaying) setPlaying(true)
  }
}

export function Compare() {
  const a = answer.value
  return (
    <Panel
      name="compare"
      title="Compare with the CPU"
      tools={
        <button type="button" data-action="compare" disabled={busy.value || !config.value} onClick={run}>
          {busy.value ? 'Comparing…' : 'Compare'}
        </button>
      }
    >
      <p class="hint">
        Runs one iteration of these options on the GPU and in plain TypeScript on the CPU. Every stage gets the GPU’s
        own inputs, so errors do not add up from stage to stage.
      </p>
      {a && 'stages' in a && (
        <>
          <table data-compared={a.stages.every((stage) => stage.ok)}>
            <caption>Largest errors</caption>
            <thead>
              <tr>
                <th scope="col">stage</th>
                <th scope="col" class="number">
                  error
                </th>
                <th scope="col" class="number">
                  limit
                </th>
                <th scope="col">
                  <span class="unseen">result</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {a.stages.map((stage) => (
                <tr key={stage.stage}>
                  <td>{stage.stage}</td>
                  <td class="number">{stage.maxAbsError.toExponential(1)}</td>
                  <td class="number">{stage.limit.toExponential(1)}</td>
                  <td class={stage.ok ? 'good' : 'bad'}>{stage.ok ? 'ok' : 'outside'}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p>
            CPU reference: <strong>{short(a.cpuSps)}</strong> steps/s, one thread.{' '}
            {a.gpuSps !== null && (
              <>
                This page’s training on {adapter.value?.name}: <strong>{short(a.gpuSps)}</strong> steps/s,{' '}
                {(a.gpuSps / a.cpuSps).toFixed(2)} times that.
              </>
            )}
          </p>
        </>
      )}
    </Panel>
  )
}
