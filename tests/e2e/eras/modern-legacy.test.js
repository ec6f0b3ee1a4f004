import { testPair } from './pairs.js';

await testPair('modern', 'legacy');
