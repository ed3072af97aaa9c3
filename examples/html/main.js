import { createPpoWorker } from 'ppo-webgpu'

const [start, stop] = document.querySelectorAll('button')
const output = document.querySelector('output')

start.addEventListener('click', async () => {
  start.disabled = true
  output.value = 'Preparing.'
  try {
    const ppo = await createPpoWorker({ env: 'CartPole-v1', seed: 1 })
    stop.disabled = false
    stop.onclick = () => ppo.stop()
    for await (const { timesteps, episodicReturn, sps } of ppo.train()) {
      output.value = `${timesteps} steps, return ${episodicReturn?.toFixed(1) ?? '-'}, ${Math.round(sps)} steps/s`
    }
    const policy = await ppo.policy()
    const [action] = policy.act([0, 0, 0.05, 0])
    output.value += `. A pole that leans to the right: push ${action === 1 ? 'right' : 'left'}.`
    await ppo.dispose()
  } catch (error) {
    output.value = `${error.name}: ${error.message}`
  }
  stop.disabled = true
  start.disabled = false
})
