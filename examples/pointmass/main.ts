import { checkEnv, createPpo, envReportText } from 'ppo-webgpu'
import { pointMass } from './spec'

const output = document.querySelector('output')!
const print = (line: string): void => output.append(`${line}\n`)

try {
  print(envReportText(await checkEnv(pointMass)))
  const ppo = await createPpo({ env: pointMass, seed: 1 })
  for await (const { timesteps, episodicReturn } of ppo.train()) {
    print(`${timesteps} steps  return ${episodicReturn?.toFixed(1) ?? '-'}`)
  }
  const policy = await ppo.policy()
  print(`At (1, 0), at rest: force ${policy.act([1, 0, 0, 0]).map((force) => force.toFixed(2))}`)
  ppo.dispose()
} catch (error) {
  print(`${error}`)
}
