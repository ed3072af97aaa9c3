import { ENVS } from '../../envs/registry'
import { isSlow, testEnvs } from './own_envs'

testEnvs(ENVS.filter(({ id }) => isSlow(id)))
