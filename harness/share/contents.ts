/** What a page with a player is given of a policy. */
import { readFileSync } from 'node:fs'
import type { EnvSpec } from '../../src/env/contract'
import { POLICY_FORMAT } from '../../src/files/formats'
import { readSafetensors } from '../../src/files/safetensors'
import type { Contents } from '../../src/player/contents'
import { policyFile } from '../../src/policy/policyfile'
import { originText } from '../policies/environment'
import { EVAL_SEED } from '../policies/evaluate'
import type { PolicyOnDisk } from '../policies/policyfile'
import { gpuCode } from './gpucode'
import type { TranslatedPicture } from './page'

/** The policy as a file of its own: as it is, or the one of an agent out of a checkpoint. */
export function policyBytes({ file, policy }: PolicyOnDisk, spec: EnvSpec): Uint8Array {
  const bytes = new Uint8Array(readFileSync(file))
  if (readSafetensors(bytes, file).metadata.format === POLICY_FORMAT) return bytes
  const { shape, params, normaliser, actionScale, origin } = policy
  return policyFile(spec, shape, params, normaliser, actionScale, origin)
}

export function contentsOf(
  found: PolicyOnDisk,
  spec: EnvSpec,
  { parts }: TranslatedPicture,
  facts: string[],
): Contents {
  return {
    env: spec.id,
    policy: Buffer.from(policyBytes(found, spec)).toString('base64'),
    seed: EVAL_SEED,
    settings: {},
    facts: [...facts, ...originText(found.policy)],
    parts,
    gpu: gpuCode(spec),
  }
}
