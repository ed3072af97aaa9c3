import { ENVS } from '../../envs/registry'
import { testEnvs } from './own_envs'

testEnvs(ENVS.filter(({ id }) => id.startsWith('LunarLander')))
