import { cartPole, createPpo, loadPolicy } from 'ppo-webgpu'

const ppo = await createPpo({ env: cartPole, seed: 1 })
for await (const { timesteps, episodicReturn } of ppo.train()) {
  console.log(timesteps, episodicReturn) // the mean return of the latest 100 episodes
}
const file = await ppo.policyFile() // keep it: these are the trained weights
ppo.dispose()

const policy = loadPolicy(file) // on the CPU; needs no GPU
const [action] = policy.act([0, 0, 0.05, 0]) // the pole leans to the right
console.log(action === 1 ? 'push right' : 'push left')
