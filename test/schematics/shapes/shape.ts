/** The reduced shape of a kind of real project: its layout, configuration and unusual code. */
export interface Shape {
  readonly kind: string;
  /** Files of the workspace. */
  readonly files: Readonly<Record<string, string>>;
  /** Folder of the workspace in which the commands run. Default: the workspace. */
  readonly folder?: string;
  /** Value of `--project`. */
  readonly project?: string;
  /** Value of `--module`, for a project whose root module cannot be found. */
  readonly module?: string;
  /** Source folder of the application, below the workspace. Default: `src` of `folder`. */
  readonly sourceRoot?: string;
  /** Name of the main file, below the source folder. Default: `main`. */
  readonly entryFile?: string;
  /** File, below the source folder, and class of the root module. Default: AppModule. */
  readonly root?: readonly [path: string, className: string];
  /** File, below the workspace, with the compiler options. Default: `tsconfig.json` of `folder`. */
  readonly tsconfig?: string;
  /** Result of `nest add` in the main file. Default: `edited`. */
  readonly main?: 'edited' | 'context' | 'lines to paste';
  /** Result of the generators in the modules. Default: `registered`. */
  readonly handlers?: 'registered' | 'lines to paste';
  /** Environments in which the main file is run. The events are handled in each of them. */
  readonly environments?: readonly Readonly<Record<string, string>>[];
}

/** A shape in which no command can work. */
export interface RefusedShape extends Pick<Shape, 'kind' | 'files' | 'folder' | 'project'> {
  readonly code: string;
  readonly message: RegExp;
  /** Commands that are refused. Default: all except migrate and eject. */
  readonly only?: readonly string[];
}

export const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

interface ManifestOptions {
  readonly type?: 'module' | 'commonjs';
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** Returns a package.json and the version of Nest in node_modules. */
export function packageOf(
  folder: string,
  nest: string,
  { dependencies = {}, devDependencies = {}, ...others }: ManifestOptions = {},
): Record<string, string> {
  const own = { '@nestjs/common': nest, '@nestjs/core': nest, rxjs: '^7.8.0' };
  const manifest = {
    name: 'shop',
    version: '0.0.1',
    private: true,
    ...others,
    dependencies: { ...own, ...dependencies },
    devDependencies: { ...devDependencies },
  };
  return { [`${folder}package.json`]: json(manifest), ...installed(folder, nest.replace(/^\D+/, '')) };
}

export function installed(folder: string, version: string): Record<string, string> {
  return { [`${folder}node_modules/@nestjs/core/package.json`]: json({ name: '@nestjs/core', version }) };
}

const DECORATORS = { emitDecoratorMetadata: true, experimentalDecorators: true, skipLibCheck: true };

/** Compiler options of Nest's starters and of stricter and older projects. */
export const COMPILER = {
  older: {
    module: 'commonjs',
    moduleResolution: 'node',
    target: 'ES2021',
    declaration: true,
    esModuleInterop: true,
    ...DECORATORS,
    strict: false,
  },
  nest11: {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    target: 'ES2023',
    declaration: true,
    esModuleInterop: true,
    isolatedModules: true,
    ...DECORATORS,
    strict: false,
    strictNullChecks: true,
  },
  nest12: {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    target: 'ES2023',
    declaration: true,
    isolatedModules: true,
    ...DECORATORS,
    strict: true,
  },
  bundler: {
    module: 'esnext',
    moduleResolution: 'bundler',
    target: 'ES2022',
    esModuleInterop: true,
    ...DECORATORS,
    strict: true,
  },
  strictest: {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    target: 'ES2023',
    isolatedModules: true,
    ...DECORATORS,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noImplicitOverride: true,
    noPropertyAccessFromIndexSignature: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
  },
} as const;

/** Returns a tsconfig.json of the sources. */
export function tsconfig(options: object, others: object = {}): string {
  return json({ compilerOptions: options, include: ['src'], ...others });
}

export const NEST_CLI = json({
  $schema: 'https://json.schemastore.org/nest-cli',
  collection: '@nestjs/schematics',
  sourceRoot: 'src',
  compilerOptions: { deleteOutDir: true },
});

/** Packages that validate events. */
export const CLASSES = { 'class-validator': '^0.14.0', 'class-transformer': '^0.5.0' };
export const ZOD = { zod: '^4.0.0' };

/** Prettier with the rules of Nest's starters. */
export const PRETTIER = { prettier: '^3.0.0' };
export const PRETTIERRC = json({ singleQuote: true, trailingComma: 'all' });

/** Returns a main file in the form of Nest's starters. */
export function starterMain(specifier = './app.module', className = 'AppModule'): string {
  return `import { NestFactory } from '@nestjs/core';
import { ${className} } from '${specifier}';

async function bootstrap() {
  const app = await NestFactory.create(${className});
  await app.listen(process.env.PORT ?? 3000);
}
void bootstrap();
`;
}

export const EMPTY_MODULE = `import { Module } from '@nestjs/common';

@Module({
  imports: [],
  controllers: [],
  providers: [],
})
export class AppModule {}
`;

/** Returns a module with its controller and service, as `nest g resource` makes. */
export function feature(folder: string, name: string, extension = ''): Record<string, string> {
  const file = name.toLowerCase();
  const from = (kind: string) => `'./${file}.${kind}${extension}'`;
  return {
    [`${folder}/${file}.service.ts`]: `import { Injectable } from '@nestjs/common';

@Injectable()
export class ${name}Service {
  findAll(): string[] {
    return [];
  }
}
`,
    [`${folder}/${file}.controller.ts`]: `import { Controller, Get } from '@nestjs/common';
import { ${name}Service } from ${from('service')};

@Controller('${file}')
export class ${name}Controller {
  constructor(private readonly service: ${name}Service) {}

  @Get()
  findAll(): string[] {
    return this.service.findAll();
  }
}
`,
    [`${folder}/${file}.module.ts`]: `import { Module } from '@nestjs/common';
import { ${name}Controller } from ${from('controller')};
import { ${name}Service } from ${from('service')};

@Module({
  controllers: [${name}Controller],
  providers: [${name}Service],
})
export class ${name}Module {}
`,
  };
}
