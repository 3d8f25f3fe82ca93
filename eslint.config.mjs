import tseslint from 'typescript-eslint';
import erasableSyntaxOnly from 'eslint-plugin-erasable-syntax-only';

/** What the decision code must not touch: it is a function of what was seen. Time is an argument. */
const worldOutside = {
  globals: [
    'Date',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'process',
    'console',
    'performance',
    'fetch',
    'globalThis',
  ],
  imports: {
    patterns: [
      { regex: '^[^.]', message: 'agent/core imports nothing outside itself' },
      { regex: '^\\.\\./', message: 'agent/core imports nothing outside itself' },
    ],
  },
};

export default tseslint.config(
  { ignores: ['node_modules/', 'coverage/', 'chart/'] },
  { files: ['**/*.ts'], extends: [tseslint.configs.strictTypeChecked] },
  {
    files: ['**/*.ts'],
    plugins: { 'erasable-syntax-only': erasableSyntaxOnly },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      'erasable-syntax-only/enums': 'error',
      'erasable-syntax-only/import-aliases': 'error',
      'erasable-syntax-only/namespaces': 'error',
      'erasable-syntax-only/parameter-properties': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'complexity': ['error', 12],
      'eqeqeq': 'error',
      'max-depth': ['error', 3],
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', 70],
      'max-params': ['error', 4],
      'no-console': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
    },
  },
  {
    files: ['agent/core/**'],
    rules: {
      'no-restricted-globals': ['error', ...worldOutside.globals],
      'no-restricted-imports': ['error', worldOutside.imports],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random' }],
    },
  },
  {
    // The models of the Kubernetes client are classes without methods; plain objects serve as well.
    files: ['agent/kube/**', 'agent/run/**', 'scripts/experiment/**', 'test/**'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      'max-lines-per-function': 'off',
    },
  },
  {
    // The programs of scripts/ and the command line speak to a person.
    files: ['scripts/**', 'agent/cli/**', 'agent/main.ts', 'test/sim/main.ts'],
    rules: { 'no-console': 'off' },
  },
);
