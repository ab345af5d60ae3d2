// What stands in a bundle's `index.ts`, as ts-morph structures: typed inputs and outputs, `load`, `Model`.
// Takes the manifest (names may be hostile: see safe-text.ts), gives data; prints nothing.
import type {
  FunctionDeclarationStructure,
  InterfaceDeclarationStructure,
  SourceFileStructure,
} from 'ts-morph';
import { StructureKind } from 'ts-morph';
import type { Manifest } from '../../runtime/manifest.ts';
import { sizeText } from '../../runtime/size.ts';
import { literal, propertyName, prose } from './safe-text.ts';

/** The module that the generated code imports: the package's entry, or a copy of the runtime beside it. */
export type RuntimeModule = 'bform/runtime' | './runtime.js';

/** What of a manifest its users see. */
export type ModuleInterface = Pick<Manifest, 'model' | 'symbols' | 'inputs' | 'outputs'>;

type Tensor = {
  readonly name: string;
  readonly dtype: string;
  readonly shape: Manifest['inputs'][number]['shape'];
  readonly range?: readonly [number, number] | undefined;
  readonly kind?: Manifest['outputs'][number]['kind'];
};

export function moduleStructure(
  manifest: ModuleInterface,
  doc: string | undefined,
  runtime: RuntimeModule,
): SourceFileStructure {
  return {
    kind: StructureKind.SourceFile,
    statements: [
      {
        kind: StructureKind.ImportDeclaration,
        leadingTrivia:
          '// Made by bform from a model; made anew at each compilation, so changes are lost.\n',
        moduleSpecifier: runtime,
        namedImports: [
          'loadModel',
          { name: 'LoadOptions', isTypeOnly: true },
          { name: 'RunInput', isTypeOnly: true },
          { name: 'TensorOutput', isTypeOnly: true },
        ],
      },
      tensorsInterface('Inputs', 'What the model takes.', manifest.inputs, 'RunInput'),
      tensorsInterface('Outputs', 'What the model gives.', manifest.outputs, 'TensorOutput'),
      modelInterface(manifest, doc),
      loadFunction(),
    ],
  };
}

function tensorsInterface(
  name: string,
  doc: string,
  tensors: readonly Tensor[],
  type: string,
): InterfaceDeclarationStructure {
  return {
    kind: StructureKind.Interface,
    name,
    isExported: true,
    docs: [doc],
    properties: tensors.map((tensor) => ({
      name: propertyName(tensor.name),
      isReadonly: true,
      type,
      docs: [tensorDoc(tensor)],
    })),
  };
}

function tensorDoc({ dtype, shape, range, kind = 'result' }: Tensor): string {
  const what = { result: '', loss: 'A loss: ', measure: 'A measured value: ' }[kind];
  const between = range ? `, each from ${range[0]} to ${range[1]}` : '';
  return prose(`${what}${dtype}[${shape.map(sizeText).join(', ')}]${between}.`);
}

function modelInterface(
  manifest: ModuleInterface,
  doc: string | undefined,
): InterfaceDeclarationStructure {
  const sizes = manifest.symbols.map(
    ({ name, min, max }) => `${name} from ${min}${max === undefined ? '' : ` to ${max}`}`,
  );
  return {
    kind: StructureKind.Interface,
    name: 'Model',
    isExported: true,
    extends: ['Disposable'],
    docs: [
      [
        prose(`${manifest.model}, loaded and ready to run. ${doc ?? ''}`),
        '',
        'Holds memory of the device until it is disposed: use `using model = await load()`, or call `dispose()`.',
      ].join('\n'),
    ],
    methods: [
      {
        name: 'run',
        parameters: [
          { name: 'inputs', type: 'Inputs' },
          { name: 'options', type: '{ readonly deadline?: number }', hasQuestionToken: true },
        ],
        returnType: 'Promise<Outputs>',
        docs: [
          [
            prose(`One run. Sizes are read off the inputs: ${sizes.join(', ')}.`),
            'Rejects with a `BformError`: inputs that do not fit, limits of the device, a lost device, a run that',
            'takes longer than `deadline` milliseconds.',
          ].join('\n'),
        ],
      },
      {
        name: 'dispose',
        returnType: 'void',
        docs: ['Frees the memory of the device. Runs after that are refused.'],
      },
    ],
  };
}

function loadFunction(): FunctionDeclarationStructure {
  return {
    kind: StructureKind.Function,
    name: 'load',
    isExported: true,
    isAsync: true,
    parameters: [{ name: 'options', type: 'LoadOptions', initializer: '{}' }],
    returnType: 'Promise<Model>',
    docs: [
      [
        'Loads the bundle in this folder: checks every file, opens a device unless one is given, makes all pipelines.',
        'Rejects with a `BformError` that says which file is missing, damaged or of another version.',
      ].join('\n'),
    ],
    statements: [
      `return (await loadModel(new URL(${literal('.')}, import.meta.url), options)) as unknown as Model;`,
    ],
  };
}
