/** One project for each layer of tests; `scripts/test` runs them in this order. */
const layer = (name, options = {}) => ({
  displayName: name,
  testEnvironment: 'node',
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/ci/jest-transform.mjs' },
  ...options,
});

export default {
  projects: [layer('unit'), layer('sim'), layer('redis'), layer('chart'), layer('e2e')],
};
