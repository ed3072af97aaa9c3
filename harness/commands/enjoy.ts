/** `enjoy`: shows a trained policy in a browser. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageVersion } from '../checkout/root.js'
import { type ServedFile, servePage } from '../chrome/server'
import type { Command, Given } from '../cli/args'
import { EXIT } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { checkOutput, replaceFlag, writeOutput } from '../cli/outfile'
import { makeOutput } from '../cli/output'
import { onInterrupt } from '../cli/signals'
import { choosePolicy } from '../policies/best'
import { otherEnv, POLICY_ENV_FLAGS, playedEnv, readKnown } from '../policies/environment'
import { AGENT_FLAG, BEST_FLAG, givenPolicies, readAgent } from '../policies/policyfile'
import { contentsOf } from '../share/contents'
import { cspOf, replayPage, translatedPicture } from '../share/page'
import { playerScripts } from '../share/scripts'
import { ENJOY_FIELDS } from './fields/sharing'

export const enjoy: Command = {
  name: 'enjoy',
  summary: 'Show a trained policy in a browser, with sliders that push it.',
  positionals: { usage: 'RUN_OR_POLICY', min: 1, max: 1 },
  flags: {
    'no-open': { help: 'Only print the address.' },
    out: { value: 'FILE', help: 'Instead of serving the page write it to FILE, which needs nothing beside it.' },
    force: replaceFlag('--out'),
    agent: AGENT_FLAG,
    best: BEST_FLAG,
    ...POLICY_ENV_FLAGS,
    json: { help: 'Print the result as one line of JSON, as soon as the page is there.' },
  },
  details:
    'RUN_OR_POLICY is the folder of a run or of a shared policy, a policy file or a checkpoint. The page is made by this\n' +
    'program: no page and no code of a shared folder is used. It is served on 127.0.0.1 until Ctrl-C.',
  results: { enjoy: ENJOY_FIELDS },
  run: runEnjoy,
}

async function runEnjoy(given: Given): Promise<number> {
  const output = makeOutput(given.has('json'))
  const [out, force] = [given.text('out'), given.has('force')]
  if (out !== undefined) checkOutput('out', out, force)
  const known = await readKnown(given)
  const found = choosePolicy(givenPolicies(given), readAgent(given), known, output.warn)
  const spec = playedEnv(found, known)
  const warning = otherEnv(found, spec, known)
  if (warning) output.warn(warning)
  const picture = translatedPicture(spec)
  if (picture.problem) output.warn(`WARNING: without WebGPU the page shows numbers and no picture: ${picture.problem}.`)
  const contents = contentsOf(found, spec, picture, [`Shown by ppo-webgpu ${packageVersion()}.`])
  const page = replayPage(contents, await playerScripts(spec, known.file), picture.script)
  if (out !== undefined) {
    const url = pathToFileURL(resolve(writeOutput(out, page, force))).href
    output.result(inOrder(ENJOY_FIELDS, { env: spec.id, policy: found.file, url }), `${spec.id} plays in ${url}`)
    return EXIT.done
  }
  const file: ServedFile = { body: Buffer.from(page), type: 'text/html; charset=utf-8' }
  const server = await servePage(new Map([['/', file]]), cspOf(page))
  const ended = new Promise<void>((end) => onInterrupt(end))
  const { url } = server
  output.result(
    inOrder(ENJOY_FIELDS, { env: spec.id, policy: found.file, url }),
    `${spec.id} plays at ${url}\nCtrl-C ends it.`,
  )
  if (!given.has('no-open')) open(url)
  await ended
  await server.close()
  return EXIT.done
}

const OPENERS: Partial<Record<NodeJS.Platform, [program: string, ...given: string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

/** Where no browser can be opened, the printed address is enough. */
function open(url: string): void {
  const [program, ...before] = OPENERS[process.platform] ?? ['xdg-open']
  const child = spawn(program, [...before, url], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
