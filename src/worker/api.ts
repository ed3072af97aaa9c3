/** Training in a Worker: what `createPpoWorker` takes and gives. */
import type { AnyEnvSpec } from '../env/contract'
import type { CreateOptions, Ppo } from '../run/api'

export interface PpoWorkerOptions extends Omit<CreateOptions, 'env' | 'device' | 'gpu'> {
  /**
   * The environment: the id of a built-in one, which keeps its shaders out of the page's own script, or a description, of
   * your own as well. Its twin stays behind in the page, since training does not need it. A checkpoint names its
   * environment: leave `env` out unless it is your own.
   */
  env?: string | AnyEnvSpec
  /** Go on from a checkpoint (`save()`), or begin with the weights of a policy file, as `loadPpo` does. It is copied. */
  from?: Uint8Array
  /**
   * The Worker, where your bundler does not find it by itself: a module Worker whose script is `ppo-webgpu/worker`. It is
   * ended by `dispose`.
   */
  worker?: Worker
}

/** A run in a Worker: what `createPpo` gives, but for its device, which the Worker owns. */
export interface PpoWorker
  extends Pick<
    Ppo,
    | 'config'
    | 'iterations'
    | 'plan'
    | 'planReason'
    | 'dispatchesPerIteration'
    | 'train'
    | 'params'
    | 'normalisers'
    | 'policy'
    | 'policyFile'
    | 'best'
    | 'save'
    | 'dump'
    | 'on'
  > {
  /** Name of the GPU at the beginning, and whether it is a software adapter. */
  readonly adapter: { readonly name: string; readonly software: boolean }
  /** Ends the loop over `train` after the iterations that are already on their way. */
  stop(): void
  /** Frees the buffers and the device, and ends the Worker. Calls that still wait are rejected. */
  dispose(): Promise<void>
}
