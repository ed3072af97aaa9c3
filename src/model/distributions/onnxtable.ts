/** What each distribution adds to an exported model. */
import { categoricalOnnx } from './categorical/onnx'
import type { DistributionKind } from './distribution'
import { gaussianOnnx } from './gaussian/onnx'
import { multiDiscreteOnnx } from './multi_discrete/onnx'
import type { OnnxAction } from './onnx'
import type { DistributionShape } from './table'

const MAKERS: Record<DistributionKind, (shape: DistributionShape) => OnnxAction> = {
  categorical: ({ actionDim }) => categoricalOnnx(actionDim),
  gaussian: () => gaussianOnnx,
  multi_discrete: ({ nvec }) => multiDiscreteOnnx(nvec!),
}

export const onnxActionOf = (shape: DistributionShape): OnnxAction => MAKERS[shape.dist](shape)
