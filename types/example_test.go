package types_test

import (
	"fmt"
	"math"
	"reflect"

	"github.com/aurum-go/orm/types"
)

// Celsius is stored as whole millidegrees.
type Celsius float64

func ExampleRegister() {
	types.Register(types.Converter[Celsius, int64]{
		SQL:  types.BigInteger(),
		Bind: func(c Celsius) (int64, error) { return int64(math.Round(float64(c) * 1000)), nil },
		Scan: func(n int64) (Celsius, error) { return Celsius(float64(n) / 1000), nil },
	})

	column, _, _ := types.Infer(reflect.TypeFor[Celsius]())
	bound, _ := types.EncodeValue(Celsius(36.6), column)
	fmt.Println(column, bound)
	// Output: BIGINT 36600
}

func ExampleParse() {
	price, _ := types.Parse("numeric(12,4)")
	fmt.Println(price, price.Precision(), price.Scale())

	_, err := types.Parse("string(many)")
	fmt.Println(err)
	// Output:
	// NUMERIC(12,4) 12 4
	// types: parse type "string(many)": "many" is no positive whole number
}

func ExampleEncodeValue() {
	_, err := types.EncodeValue(0, types.Text())
	fmt.Println(err)

	price, _ := types.EncodeValue("12.5", types.Numeric(12, 4))
	fmt.Println(price)
	// Output:
	// types: bind int as TEXT: an integer has no place there
	// 12.5000
}

func ExampleNewJSON() {
	settings := types.NewJSON(map[string]string{"theme": "dark"})
	text, _ := settings.Value()
	fmt.Println(text)
	// Output: {"theme":"dark"}
}
