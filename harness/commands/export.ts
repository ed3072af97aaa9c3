/** `export`: a trained policy as an ONNX model, for other runtimes. */
import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { packageVersion } from '../checkout/root.js'
import type { Command, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { checkOutput, replaceFlag, writeOutput } from '../cli/outfile'
import { count, makeOutput } from '../cli/output'
import { IR_VERSION, type Model, OPSET, writeModel } from '../onnx/model'
import { needsBounds, policyModel } from '../onnx/policy'
import { choosePolicy } from '../policies/best'
import { knownEnv, moduleHint, otherEnv, POLICY_ENV_FLAGS, readKnown } from '../policies/environment'
import { AGENT_FLAG, BEST_FLAG, givenPolicies, readAgent } from '../policies/policyfile'
import { EXPORT_FIELDS, type ExportResult } from './fields/training'

export const exportCommand: Command = {
  name: 'export',
  summary: 'Write a trained policy as an ONNX model, normalisation and clipping of actions included.',
  positionals: { usage: 'RUN_OR_POLICY', min: 1, max: 1 },
  flags: {
    out: {
      value: 'FILE',
      help: 'Where to write it. Default: next to the policy file, with the ending .onnx; an earlier model there is replaced.',
    },
    force: replaceFlag('--out'),
    agent: AGENT_FLAG,
    best: BEST_FLAG,
    ...POLICY_ENV_FLAGS,
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  details:
    'RUN_OR_POLICY is the folder of a run, a policy file or a checkpoint.\n' +
    `The model takes obs, raw observations [batch, n]. It is of opset ${OPSET}, IR version ${IR_VERSION}.`,
  results: { export: EXPORT_FIELDS },
  run: runExport,
}

async function runExport(given: Given): Promise<number> {
  const output = makeOutput(given.has('json'))
  const named = given.text('out')
  if (named !== undefined) checkOutput('out', named, given.has('force'))
  const known = await readKnown(given)
  const found = choosePolicy(givenPolicies(given), readAgent(given), known, output.warn)
  const { file, policy } = found
  const spec = knownEnv(found, known)
  const warning = spec && otherEnv(found, spec, known)
  if (warning) output.warn(warning)
  // What the file says of its environment comes first: the policy was trained with that.
  const environment = policy.environment ?? spec
  if (!environment && needsBounds(policy)) {
    throw new UsageError(
      `${file}: does not hold the bounds of its actions, as files of before 0.3.0, and there is no environment ` +
        `${JSON.stringify(policy.env)} here. Give the module that exports it: --env ${moduleHint(file)}.`,
    )
  }
  const model = policyModel(policy, environment, packageVersion())
  const onnx = writeModel(model)
  const out = write(given, file, onnx)
  const { inputs, outputs } = model
  const about = { env: policy.env, policy: file, out, bytes: onnx.length }
  const result: ExportResult = { ...about, opset: OPSET, irVersion: IR_VERSION, inputs, outputs }
  output.result(
    inOrder(EXPORT_FIELDS, result),
    `${policy.env}: ${list(inputs)} -> ${list(outputs)}.\n${count(onnx.length)} bytes of ONNX, opset ${OPSET}, in ${out}`,
  )
  return EXIT.done
}

/** Writes the model, and returns its path. A model next to its policy is replaced: it can be made again. */
function write(given: Given, policy: string, onnx: Uint8Array): string {
  const named = given.text('out')
  const force = given.has('force') || named === undefined
  const out = named ?? `${policy.replace(/\.safetensors$/, '')}.onnx`
  checkOutput('out', out, force)
  if (existsSync(out) && realpathSync(out) === realpathSync(policy)) {
    throw new UsageError(`--out: ${out} is the policy itself. Name another file.`)
  }
  try {
    return resolve(writeOutput(out, onnx, force))
  } catch (error) {
    throw new UsageError(`--out: cannot write ${out} (${(error as Error).message}). Name a file that can be written.`)
  }
}

/** `obs float [batch, 4], ...` */
const list = (values: Model['inputs']): string =>
  values.map(({ name, type, shape }) => `${name} ${type} [${shape.join(', ')}]`).join(', ')
