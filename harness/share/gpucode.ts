/** Links what a page needs to play an environment by WebGPU. */
import type { EnvSpec } from '../../src/env/contract'
import { hasParams } from '../../src/env/params'
import { link, type Slot } from '../../src/gpu/link'
import { reflectStruct } from '../../src/gpu/reflect'
import { SHADERS } from '../../src/gpu/shaders'
import { envSlots } from '../../src/plan/kernels'
import type { GpuCode } from '../../src/player/gpucode'
import source from '../../src/player/play.wgsl?raw'
import { linkWithScene, sceneIn } from '../../src/scene/source'
import { moduleOf } from '../../src/wgsl/module'
import { withoutComments } from '../vite/barewgsl.js'

/** In a picture, too, parameters are those that are played with. */
const SHOWN = `//#import "params"
fn use_shown_params() { use_params(0u, 0u, 0u, 0u); }`

/** Null for an environment that draws nothing: it plays in its twin. */
export function gpuCode(spec: EnvSpec): GpuCode | null {
  if (!moduleOf(link('env', SHADERS, envSlots(spec)).code).named.has('env_shape')) return null
  const slots: Record<string, Slot> = hasParams(spec)
    ? { shown_params: { file: 'shown_params (from harness/share)', source: SHOWN } }
    : {}
  const code = compact(linkWithScene(spec, 'src/player/play.wgsl', { source, slots }).code)
  const played = reflectStruct(code, 'Played')
  const hyper = hasParams(spec) ? reflectStruct(code, 'Hyper') : null
  const at = (layout: typeof played, name: string) => layout.fields.find((field) => field.name === name)!.offset
  return {
    scene: sceneIn(code, spec),
    state: reflectStruct(code, 'EnvState'),
    played: { size: played.size, reward: at(played, 'reward'), terminated: at(played, 'terminated') },
    hyper: hyper && { size: hyper.size, params: at(hyper, 'env_params') },
  }
}

/** Without comments, indentation and empty lines. */
const compact = (code: string): string =>
  withoutComments(code)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n')
