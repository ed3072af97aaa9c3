/** The layers on the CPU as fast as plain JavaScript can compute them, with the bits of TWINS. */
import { type LayerTwins, TWINS } from '../../model/twins'
import { fastConv } from './conv'
import { fastDense } from './dense'

/** Replaces TWINS; kinds without a fast twin keep their own. */
export const FAST_TWINS: LayerTwins = { ...TWINS, dense: fastDense, conv: fastConv }
