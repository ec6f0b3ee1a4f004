import { testPair } from './pairs.js';

await testPair('legacy', 'legacy');
