/** The kernel `planar_probe`: every intermediate number of one evaluation of a planar robot's forces. */
import type { WgslModule } from '../../src/env/contract'
import type { PlanarModel } from './model'
import { planarModules } from './modules'
import source from './probe.wgsl?raw'

/**
 * Modules by name, the kernel among them. It reads `inputs`, for each state positions, velocities and the accelerations to
 * start from, f32 [state][3][nv], and `controls` [state][nu]; it writes `probes`, a struct `Probe` for each state.
 */
export function probeModules(model: PlanarModel): Record<string, WgslModule> {
  return {
    ...planarModules(model),
    params: { file: 'params (of a probe, which has none)', source: '' },
    'planar/probe': { file: 'envs/planar/probe.wgsl', source },
    'shaders/planar_probe.wgsl': { file: 'envs/planar/probe.ts', source: KERNEL },
  }
}

const KERNEL = `//#import "planar/probe"
struct Args { count: u32, }
@group(0) @binding(0) var<storage, read> inputs: array<f32>;
@group(0) @binding(1) var<storage, read> controls: array<f32>;
@group(0) @binding(2) var<storage, read_write> probes: array<Probe>;
@group(1) @binding(0) var<uniform> args: Args;
@compute @workgroup_size(64)
fn planar_probe(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= args.count) { return; }
  var given: array<Joints, 3>;
  for (var i = 0u; i < 3u * NV; i++) { given[i / NV][i % NV] = inputs[3u * NV * id.x + i]; }
  var q = given[0];
  var v = given[1];
  var start = given[2];
  var control: Controls;
  for (var m = 0u; m < NU; m++) { control[m] = controls[NU * id.x + m]; }
  probes[id.x] = probe(&q, &v, &control, &start);
}
`
