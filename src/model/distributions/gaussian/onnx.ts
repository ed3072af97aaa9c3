import { BATCH } from '../../onnx'
import type { OnnxAction } from '../onnx'

/**
 * The mean, clipped to the bounds of the environment; also the unclipped mean and the log standard deviations, in its
 * units.
 */
export const gaussianOnnx: OnnxAction = {
  head: (scaled) => (scaled ? 'mean_unit' : 'mean'),
  outputs(graph, { own, bounds, scale }) {
    if (!own || !bounds)
      throw new Error('a gaussian policy needs its log standard deviations and the bounds of its box')
    const logStd = own.slice()
    if (scale) {
      const halves = scale.low.map((bound, i) => scale.high[i] / 2 - bound / 2)
      const middles = scale.low.map((bound, i) => bound / 2 + scale.high[i] / 2)
      const wide = graph.add('Mul', ['mean_unit', graph.constant('action_half', halves)], 'mean_wide')
      graph.add('Add', [wide, graph.constant('action_middle', middles)], 'mean')
      for (const [i, half] of halves.entries()) logStd[i] += Math.log(half)
    }
    const { low, high } = bounds
    const raised = graph.add('Max', ['mean', graph.constant('action_low', low)], 'mean_raised')
    graph.add('Min', [raised, graph.constant('action_high', high)], 'action')
    graph.add('Identity', [graph.constant('log_std_weight', logStd)], 'log_std')
    return [
      { name: 'action', type: 'float', shape: [BATCH, low.length] },
      { name: 'mean', type: 'float', shape: [BATCH, low.length] },
      { name: 'log_std', type: 'float', shape: [low.length] },
    ]
  },
}
