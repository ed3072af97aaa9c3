/** `export`: a trained policy as an ONNX model, for other runtimes. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ENVS, findEnv } from '../../envs/registry'
import type { Command } from '../args'
import { EXIT, UsageError } from '../errors'
import { IR_VERSION, OPSET, type Value, writeModel } from '../onnx/model'
import { policyModel } from '../onnx/policy'
import { count, makeOutput } from '../output'
import { checkFit, readPolicyFile } from '../policyfile'
import { packageVersion } from '../root.js'
import { readInteger } from '../setup'

export const exportCommand: Command = {
  name: 'export',
  summary: 'Write a trained policy as an ONNX model, normalisation and clipping of actions included.',
  positionals: { usage: 'RUN_OR_POLICY', min: 1, max: 1 },
  flags: {
    out: { value: 'FILE', help: 'Where to write it; beside the policy file, with .onnx at its end, unless given.' },
    agent: { value: 'K', help: 'Which agent of a run or checkpoint of several; 0 unless given.' },
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  details:
    'RUN_OR_POLICY is the folder of a run (its policy.safetensors is taken), a policy file or a checkpoint.\n' +
    `The model takes obs, raw observations [batch, n]. It is of opset ${OPSET}, IR version ${IR_VERSION}.`,
  async run(given) {
    const found = readPolicyFile(given.positionals[0], readInteger(given, 'agent', 0, 0, 2 ** 20))
    const { file, policy } = found
    // Only the bounds of continuous actions must be known; an environment of the user's own has its policies too.
    const known = policy.shape.dist === 'gaussian' || ENVS.some(({ id }) => id === policy.env)
    const spec = known ? findEnv(policy.env) : undefined
    if (spec) checkFit(found, spec)
    const model = policyModel(policy, spec, packageVersion())
    const onnx = writeModel(model)
    const out = resolve(given.text('out') ?? `${file.replace(/\.safetensors$/, '')}.onnx`)
    try {
      writeFileSync(out, onnx)
    } catch (error) {
      throw new UsageError(`--out: cannot write ${out} (${(error as Error).message}). Name a file that can be written.`)
    }
    const { inputs, outputs } = model
    const result = { env: policy.env, policy: file, out, bytes: onnx.length }
    makeOutput(given.has('json')).result(
      { ...result, opset: OPSET, irVersion: IR_VERSION, inputs, outputs },
      `${policy.env}: ${list(inputs)} -> ${list(outputs)}.\n${count(onnx.length)} bytes of ONNX, opset ${OPSET}, in ${out}`,
    )
    return EXIT.done
  },
}

/** `obs float [batch, 4], ...` */
const list = (values: Value[]): string =>
  values.map(({ name, type, shape }) => `${name} ${type} [${shape.join(', ')}]`).join(', ')
