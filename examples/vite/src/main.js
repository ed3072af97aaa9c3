import { createPpoWorker } from 'ppo-webgpu'
import { loadPolicy } from 'ppo-webgpu/policy'

const byId = (id) => document.getElementById(id)
const output = document.querySelector('output')
const curve = document.querySelector('polyline')
/** The largest return of CartPole-v1. */
const BEST = 500

/** One point for each iteration that has a return. */
function draw(returns) {
  const x = (i) => (100 * i) / Math.max(1, returns.length - 1)
  curve.setAttribute('points', returns.map((y, i) => `${x(i)},${50 - (50 * y) / BEST}`).join(' '))
}

async function train() {
  byId('start').disabled = true
  output.value = 'Preparing.'
  const ppo = await createPpoWorker({ env: 'CartPole-v1', seed: 1 })
  byId('stop').disabled = false
  byId('stop').onclick = () => ppo.stop()
  const returns = []
  for await (const { timesteps, episodicReturn, sps, rows } of ppo.train()) {
    for (const [row] of rows) if (row?.episodicReturn != null) returns.push(row.episodicReturn)
    draw(returns)
    output.value = `${timesteps} steps, return ${episodicReturn?.toFixed(1) ?? '-'}, ${Math.round(sps)} steps/s`
  }
  byId('stop').disabled = true
  byId('save').href = URL.createObjectURL(new Blob([await ppo.policyFile()]))
  byId('save').hidden = false
  await ppo.dispose()
  byId('start').disabled = false
}

async function tryPolicy(file) {
  const policy = loadPolicy(new Uint8Array(await file.arrayBuffer()))
  const [action] = policy.act([0, 0, 0.05, 0])
  output.value = `${policy.env}: a pole that leans to the right: push ${action === 1 ? 'right' : 'left'}.`
}

const failed = (error) => {
  output.value = `${error.name}: ${error.message}`
}
byId('start').addEventListener('click', () => train().catch(failed))
document.querySelector('input').addEventListener('change', ({ target }) => tryPolicy(target.files[0]).catch(failed))
