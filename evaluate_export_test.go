package orm

// Evaluate evaluates an expression over an object, for the database of an engine.
func Evaluate(e *Engine, object Model, expression Expression) (v any, ok bool) {
	m, err := Inspect(object)
	if err != nil {
		return nil, false
	}
	features := e.server.Load().features
	evaluator := &evaluator{mapper: m, from: m.table, features: &features}
	d, ok := evaluator.evaluation(expression.expression())(modelPointer(object))
	return d.value(), ok
}

// EvaluationAllocates reports how often one evaluation of an expression allocates
// memory, when it was made before.
func EvaluationAllocates(e *Engine, object Model, expression Expression, measure func(func())) {
	m, _ := Inspect(object)
	features := e.server.Load().features
	evaluator := &evaluator{mapper: m, from: m.table, features: &features}
	evaluate, row := evaluator.evaluation(expression.expression()), modelPointer(object)
	measure(func() { evaluate(row) })
}
