import { describeTypeCases } from './type-cases';

describeTypeCases('nest-12');
