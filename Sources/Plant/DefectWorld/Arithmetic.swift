import Foundation

func sine(_ value: Double) -> Double { Foundation.sin(value) }
func cosine(_ value: Double) -> Double { Foundation.cos(value) }
func power(_ base: Double, _ exponent: Double) -> Double { Foundation.pow(base, exponent) }
func exponential(_ value: Double) -> Double { Foundation.exp(value) }
func root(_ value: Double) -> Double { value.squareRoot() }
