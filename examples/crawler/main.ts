import { checkEnv, createPpo, envReportText } from 'ppo-webgpu'
import { meanReturn } from './evaluate'
import { crawler } from './spec'

const output = document.querySelector('output')!
const print = (line: string): void => output.append(`${line}\n`)

try {
  print(envReportText(await checkEnv(crawler)))
  const ppo = await createPpo({ env: crawler, seed: 1 })
  print(`before: return ${meanReturn(await ppo.policy()).toFixed(2)}`)
  for await (const { timesteps, episodicReturn } of ppo.train()) {
    print(`${timesteps} steps  return ${episodicReturn?.toFixed(2) ?? '-'}`)
  }
  print(`after: return ${meanReturn(await ppo.policy()).toFixed(2)}`)
  ppo.dispose()
} catch (error) {
  print(`${error}`)
}
