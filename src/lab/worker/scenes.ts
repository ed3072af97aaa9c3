/** The scene of the environment that is shown: compiled once for its device, also when another run of it begins. */
import type { EnvSpec } from '../../env/contract'
import type { Gpu } from '../../gpu/device'
import { Scene } from '../../scene/scene'
import { sceneOf } from '../../scene/source'

export class Scenes {
  private latest: { device: GPUDevice; spec: EnvSpec; scene: Promise<Scene> } | undefined

  constructor(private readonly format: GPUTextureFormat) {}

  of({ device }: Gpu, spec: EnvSpec): Promise<Scene> {
    const { latest } = this
    if (latest?.device === device && latest.spec === spec) return latest.scene
    const scene = Scene.create(device, sceneOf(spec), this.format)
    const next = { device, spec, scene }
    scene.catch(() => {
      if (this.latest === next) this.latest = undefined // the next run tries again
    })
    void latest?.scene.then((old) => old.destroy()).catch(() => undefined)
    this.latest = next
    return scene
  }
}
